using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Members that keep their partitions over a restart.</summary>
public sealed class StaticMemberTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");

    [Fact]
    public async Task A_static_member_that_is_started_again_has_its_partitions_again_and_the_others_notice_nothing()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        var (staying, before, after) = (new Handled(), new Handled(), new Handled());
        await using var other = await StartAsync(topic, staying, "other");
        await other.UntilLoggedAsync(1430, count: 2);
        await using (var restarted = await StartAsync(topic, before, "restarted"))
        {
            await restarted.UntilLoggedAsync(1430);
        }

        var changes = ChangesOf(other);
        await using var again = await StartAsync(topic, after, "restarted");
        await again.UntilLoggedAsync(1430);
        await topic.PublishAsync(0, 1);
        await topic.PublishAsync(1, 2);

        await staying.UntilCountAsync(1);
        await after.UntilCountAsync(1);
        Assert.Equal(changes, ChangesOf(other));
    }

    [Fact]
    public async Task A_static_member_whose_former_self_has_not_left_asks_again_until_it_is_let_in()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var handled = new Handled();
        using var former = Join(topic, "the-one");
        await using var newer = await StartAsync(topic, handled, "the-one", group => group.ConfigureConsumer(consumer => consumer.GroupProtocol = GroupProtocol.Consumer));

        await newer.UntilLoggedAsync(1406);
        await newer.UntilHealthAsync(HealthStatus.Degraded, health => health.Description!.Contains("has another member with the instance id", StringComparison.Ordinal));
        Assert.False(newer.Running.IsCompleted);

        former.Close();
        await topic.PublishAsync(0, 1);
        await handled.UntilCountAsync(1);
        await newer.UntilHealthAsync(HealthStatus.Healthy);
    }

    // Returns once it is in the group.
    private IConsumer<byte[], byte[]> Join(CounterTopic topic, string id)
    {
        using var joined = new ManualResetEventSlim();
        var consumer = new ConsumerBuilder<byte[], byte[]>(
                new ConsumerConfig { BootstrapServers = topic.Servers, GroupId = _group, GroupInstanceId = id, GroupProtocol = GroupProtocol.Consumer, EnableAutoCommit = false })
            .SetLogHandler((_, _) => { })
            .SetPartitionsAssignedHandler((_, _) => joined.Set())
            .Build();
        consumer.Subscribe(topic.Name);

        while (!joined.IsSet)
        {
            consumer.Consume(TimeSpan.FromMilliseconds(50));
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        return consumer;
    }

    private static int ChangesOf(GroupInstance instance) => instance.Log.Entries.Count(entry => entry.Id is 1430 or 1431 or 1432);

    private Task<GroupInstance> StartAsync(CounterTopic topic, Handled handled, string id, Action<KafkaConsumerGroupBuilder>? more = null) => GroupInstance.StartAsync(
        topic.Servers,
        _group,
        group =>
        {
            group.From(topic.Name).Handle<Counted>(handled.HandleAsync).Configure(options => options.GroupInstanceId = id);
            more?.Invoke(group);
        });
}
