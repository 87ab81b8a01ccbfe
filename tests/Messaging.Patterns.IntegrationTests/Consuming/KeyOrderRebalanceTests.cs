using System.Text;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Members come, go and are lost while many keys are being handled at once.</summary>
public sealed class KeyOrderRebalanceTests(OneNodeKafka kafka)
{
    private const int Partitions = 4;
    private const int Keys = 60;

    private readonly string _group = KafkaTopics.UniqueName("group");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sixteen_workers_keep_the_order_of_every_key_and_lose_nothing_while_members_come_and_go(bool isDividedByBrokers)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), Partitions);
        using var stopProducing = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var producing = ProduceAsync(topic, stopProducing.Token);
        var handled = Enumerable.Range(0, 4).Select(_ => new Handled()).ToList();

        await using (await StartAsync(topic, handled[0], isDividedByBrokers))
        {
            await handled[0].UntilAsync(all => all.Count > 500);
            await using var second = await StartAsync(topic, handled[1], isDividedByBrokers);
            await handled[1].UntilAsync(all => all.Count > 200);
            await using var third = await StartAsync(topic, handled[2], isDividedByBrokers);
            await handled[2].UntilAsync(all => all.Count > 200);
        }

        await using (await StartAsync(topic, handled[3], isDividedByBrokers))
        {
            await stopProducing.CancelAsync();
            var produced = await producing;

            while (handled.SelectMany(one => one.All).Select(one => (KeyOf(one.Context), one.Number)).Distinct().Count() < Keys * produced)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.All(
                Handled.InOrderOfCalls(handled).GroupBy(one => KeyOf(one.Context)),
                key => Assert.Equal(Enumerable.Range(0, produced), key.Select(one => one.Number).Distinct()));
        }

        Assert.Equal(await topic.EndsAsync(), await topic.CommittedAsync(_group));
    }

    private static string KeyOf(Messaging.Patterns.Consuming.EventContext context) => Encoding.UTF8.GetString(context.Key.Span);

    private static async Task<int> ProduceAsync(CounterTopic topic, CancellationToken cancellationToken)
    {
        var number = 0;

        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(Enumerable.Range(0, Keys).Select(key => topic.PublishAsync(key % Partitions, $"key-{key}", number)));
            number++;

            // As much as the handlers can follow.
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return number;
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic, Handled handled, bool isDividedByBrokers) => GroupInstance.StartAsync(topic.Servers, _group, group => group
        .From(topic.Name)
        .ConfigureConsumer(config => config.GroupProtocol = isDividedByBrokers ? Confluent.Kafka.GroupProtocol.Consumer : null)
        .Configure(options => options.MaxConcurrency = 16)
        .Handle<Counted>(async (counted, context, token) =>
        {
            // Some at once, some after others.
            if (counted.Number % 3 != 0)
            {
                await Task.Delay(counted.Number % 5, token);
            }

            await handled.HandleAsync(counted, context, token);
        }));
}
