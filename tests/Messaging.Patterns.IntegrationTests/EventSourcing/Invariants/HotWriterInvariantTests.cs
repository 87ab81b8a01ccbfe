using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing.Invariants;

/// <summary>Two instances that append to one stream as fast as they can.</summary>
[Collection(KillsNodes.Name)]
public sealed class HotWriterInvariantTests(ThreeNodeKafka kafka)
{
    private const int Each = 150;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Invariant_8_two_hot_writers_of_a_stream_both_progress(bool isExact)
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("hot")) { Topic = topic => topic.Partitions = 1 };
        var instances = await StoreInstance.StartAllAsync(setup with { Reads = false }, setup with { Reads = false });
        var accepted = new int[2];

        await Task.WhenAll(instances.Select((instance, number) => AppendAsync(instance, number, isExact, accepted)));

        // Neither had to wait until the other was done.
        Assert.All(accepted, count => Assert.InRange(count, Each, int.MaxValue));
        var events = RawLog.Fold(RawLog.Read(setup.BootstrapServers, setup.TopicName));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(version => (long)version), events.Select(one => one.Version));
        Assert.All(["0", "1"], writer => Assert.Contains(events.Take(events.Count / 2), one => one.Text == writer));
        await Task.WhenAll(instances.Select(instance => instance.DisposeAsync().AsTask()));
    }

    /// <summary>Appends until both have enough, so that each is rivalled all the time.</summary>
    private static async Task AppendAsync(StoreInstance instance, int number, bool isExact, int[] accepted)
    {
        var version = 0L;

        while (accepted.Any(count => count < Each))
        {
            try
            {
                version = (await instance.NoteAsync("1", $"{number}", isExact ? ExpectedVersion.Exactly(version) : ExpectedVersion.Any)).Version;
                accepted[number]++;
            }
            catch (StreamConflictException conflict)
            {
                version = conflict.Actual;
            }
        }
    }
}
