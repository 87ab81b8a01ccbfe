using Messaging.Patterns.TestServers;

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

    private static int ChangesOf(GroupInstance instance) => instance.Log.Entries.Count(entry => entry.Id is 1430 or 1431 or 1432);

    private Task<GroupInstance> StartAsync(CounterTopic topic, Handled handled, string id) => GroupInstance.StartAsync(
        topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(handled.HandleAsync).Configure(options => options.GroupInstanceId = id));
}
