using System.Collections.Concurrent;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>Somebody adds partitions to an event topic while several processes append to it as fast as they can.</summary>
public sealed class GrowingTopicTests(OneNodeKafka kafka)
{
    private const int Before = 4;
    private const int After = 8;

    [Fact]
    public async Task All_writers_stop_and_nothing_is_acknowledged_in_a_wrong_place()
    {
        var servers = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(servers, "growing", Before, Topics.Contract);
        var setup = new StoreSetup(servers, topic) { Topic = _ => { }, Store = store => store.TopicCheckInterval = TimeSpan.FromMilliseconds(100) };
        var instances = await StoreInstance.StartAllAsync(setup, setup with { Reads = false }, setup with { Reads = false });
        var acknowledged = new ConcurrentQueue<(string Id, AppendResult Result)>();
        var writers = instances.SelectMany(instance => Enumerable.Range(0, 20).Select(number => AppendUntilStoppedAsync(instance, $"{number}", acknowledged))).ToList();

        while (acknowledged.Count < 300)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await Topics.AddPartitionsAsync(servers, topic, After);
        var stops = await Task.WhenAll(writers);

        Assert.All(stops, stop => Assert.Contains($"the topic had {Before} partitions, and now it has {After}", stop.Message, StringComparison.Ordinal));
        await using var late = await StoreInstance.StartAsync(setup);
        Assert.Contains($"written when the topic had {Before} partitions", (await Assert.ThrowsAsync<EventStoreStoppedException>(late.ReadyAsync)).Message, StringComparison.Ordinal);

        var frames = RawLog.Fold(RawLog.Read(servers, topic)).ToLookup(one => (one.Partition, one.Offset));
        Assert.All(frames, frame => Assert.Equal(Murmur2.Partition(Encoding.UTF8.GetBytes(frame.First().Stream), Before), frame.Key.Partition));

        foreach (var (id, result) in acknowledged)
        {
            var part = Assert.Single(result.Position.Parts);
            var partition = int.Parse(part[(part.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            var frame = Assert.Single(frames[(partition, result.Position.Next(part) - 1)]);
            Assert.Equal(($"note-{id}", result.Version), (frame.Stream, frame.Version));
        }

        await Task.WhenAll(instances.Select(instance => instance.DisposeAsync().AsTask()));
    }

    private static async Task<EventStoreStoppedException> AppendUntilStoppedAsync(StoreInstance instance, string id, ConcurrentQueue<(string Id, AppendResult Result)> acknowledged)
    {
        while (true)
        {
            try
            {
                acknowledged.Enqueue((id, await instance.NoteAsync(id, "text", ExpectedVersion.Any)));
            }
            catch (EventStoreStoppedException exception)
            {
                return exception;
            }
            catch (AppendOutcomeUnknownException)
            {
                // On its way when the store stopped.
            }
        }
    }
}
