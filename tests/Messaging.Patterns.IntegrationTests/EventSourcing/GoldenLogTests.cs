using System.Collections.Concurrent;
using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.IntegrationTests.Consuming;
using Messaging.Patterns.TestServers;
using Messaging.Patterns.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>Recorded logs, put into a topic as they were: whoever reads it finds the streams that it always had.</summary>
public sealed class GoldenLogTests(OneNodeKafka kafka)
{
    private static readonly string[] Categories = ["account", "order", "größe"];

    public static TheoryData<string> Names => [.. GoldenLog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Invariant_10_every_store_reads_a_recorded_log_as_ever(string name)
    {
        var (servers, topic) = await WriteAsync(name);
        var setup = new StoreSetup(servers, topic)
        {
            Writes = false,
            Topic = specification => specification.Partitions = 1,
            More = patterns => Array.ForEach(Categories, category => patterns.AddStreams(category, topic, specification => specification.Partitions = 1)),
        };

        foreach (var isInMemory in new[] { true, false })
        {
            await using var instance = await StoreInstance.StartAsync(setup with { Reader = reader => reader.InMemory = isInMemory });
            await instance.ReadyAsync();

            // A feed reads what is committed, which is a moment later than folded.
            var expected = GoldenLog.Folded(name);
            var read = await instance.Feed.ReadAllAsync(Position.Start, new() { Raw = true, Follow = true }, TestContext.Current.CancellationToken)
                .Take(expected.Length).ToListAsync(TestContext.Current.CancellationToken);

            Assert.Equal(expected, read.Select(recorded => Describe(recorded, topic)));

            foreach (var stream in read.GroupBy(recorded => recorded.Stream))
            {
                var events = instance.Reader.ReadStreamAsync(stream.Key, new() { Raw = true }, TestContext.Current.CancellationToken);
                Assert.Equal(stream.Select(recorded => recorded.Id), await events.Select(recorded => recorded.Id).ToListAsync(TestContext.Current.CancellationToken));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Invariant_10_consumer_groups_handle_a_recorded_log_as_ever(string name)
    {
        var (servers, topic) = await WriteAsync(name);
        var (expected, handled) = (GoldenLog.Folded(name), new ConcurrentQueue<string>());
        var isDone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Nobody says that the topic holds streams: frames of both layouts are recognised by themselves.
        await using var instance = await GroupInstance.StartAsync(servers, KafkaTopics.UniqueName("group"), group => group.From(topic).Handle<RawEvent>((raw, context, _) =>
        {
            handled.Enqueue(Describe(raw, context));

            if (handled.Count >= expected.Length)
            {
                isDone.TrySetResult();
            }

            return ValueTask.CompletedTask;
        }));

        await isDone.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(PerStream(expected), PerStream(handled));
    }

    // In which order streams come, a group is free to choose; the events of each come in theirs.
    private static IEnumerable<string> PerStream(IEnumerable<string> lines) => lines.OrderBy(line => line.Split(' ')[1], StringComparer.Ordinal);

    private static string Describe(RecordedEvent recorded, string topic) => (RawEvent)recorded.Payload is var raw
        ? GoldenLog.Describe(
            recorded.Position.Next($"{topic}:0") - 1, recorded.Stream.ToString(), recorded.Version, recorded.Id, recorded.Type, recorded.Time, raw.ContentType, raw.Data.Span, recorded.Metadata)
        : "";

    private static string Describe(RawEvent raw, EventContext context) => GoldenLog.Describe(
        context.Offset, context.Stream!.ToString(), context.Version, context.EventId, context.EventType, context.Time, raw.ContentType, raw.Data.Span, context.Metadata);

    private async Task<(string Servers, string Topic)> WriteAsync(string name)
    {
        var servers = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(servers, "golden", partitions: 1, new() { ["message.timestamp.type"] = "LogAppendTime", ["retention.ms"] = "-1", ["retention.bytes"] = "-1" });
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = servers, Acks = Acks.All, EnableIdempotence = true, LingerMs = 1 }).Build();

        foreach (var (offset, record) in GoldenLog.Records(name).Index())
        {
            var written = await producer.ProduceAsync(topic, new Message<byte[], byte[]> { Key = record.Key, Value = record.Value }, TestContext.Current.CancellationToken);
            Assert.Equal(offset, written.Offset.Value);
        }

        return (servers, topic);
    }
}
