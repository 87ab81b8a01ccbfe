using Messaging.Patterns.Consuming;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>The broker goes away while dead letters are stored.</summary>
public sealed class DeadLetterBrokerFaultTests(OwnKafka kafka) : IClassFixture<OwnKafka>
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task A_dead_letter_waits_for_a_broker_that_is_away_and_nothing_is_lost_or_committed_before_it_is_stored()
    {
        var cluster = await kafka.GetAsync();
        using var topic = await CounterTopic.CreateAsync(cluster.BootstrapServers);
        var gate = new Gate();
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await using (var instance = await GroupInstance.StartAsync(
            topic.Servers,
            _group,
            group => group.From(topic.Name).OnFailure(failure => failure.WithoutRetryLater().ThenDeadLetter()).Handle<Counted>(async (counted, context, token) =>
            {
                if (counted.Number == 2)
                {
                    await gate.PassAsync(token);
                    throw new InvalidOperationException("no 2");
                }

                await _handled.HandleAsync(counted, context, token);
            }),
            builder => builder.Services.Configure<KafkaOptions>(options => options.Producer["message.timeout.ms"] = "1000")))
        {
            await gate.Reached;
            await cluster.KillNodeAsync(1);
            gate.Open();
            await instance.UntilLoggedAsync(1452);
            Assert.Equal([1], _handled.Numbers);
            Assert.Equal(HealthStatus.Degraded, (await instance.CheckHealthAsync()).Status);

            await cluster.StartNodeAsync(1);
            await _handled.UntilAsync(all => all.Exists(one => one.Number == 3));
            var letters = await instance.Get<IDeadLetters>().BrowseAsync(_group, cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
            Assert.All(letters, letter => Assert.Equal((1L, "no 2"), (letter.Offset, letter.ExceptionMessage)));
            Assert.NotEmpty(letters);
        }

        Assert.Equal([3], await topic.CommittedAsync(_group));
    }
}
