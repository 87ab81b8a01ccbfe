using Confluent.Kafka;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>An event topic seen by a foreign client: read with a plain consumer, and folded by rule F as the documentation has it.</summary>
internal static class RawLog
{
    /// <summary>Reads all records that the topic has now, in order per partition.</summary>
    public static List<ConsumeResult<byte[], byte[]>> Read(string bootstrapServers, string topic) =>
        ForeignLog.Read(bootstrapServers, topic, TestContext.Current.CancellationToken);

    /// <summary>Writes records again, each to its partition.</summary>
    public static void Repeat(string bootstrapServers, IEnumerable<ConsumeResult<byte[], byte[]>> records) =>
        Assert.Equal(0, ForeignLog.Repeat(bootstrapServers, records, TestContext.Current.CancellationToken));

    /// <summary>Folds records by rule F.</summary>
    public static List<AcceptedEvent> Fold(IEnumerable<ConsumeResult<byte[], byte[]>> records) =>
    [
        .. ForeignFold.Fold(records).Where(frame => frame.IsAccepted).SelectMany(frame => frame.Events.Select(one =>
            new AcceptedEvent(frame.Stream, one.Version, frame.Append, one.Text, frame.Partition, frame.Offset))),
    ];
}

/// <summary>An event that rule F accepts.</summary>
internal sealed record AcceptedEvent(string Stream, long Version, string Append, string Text, int Partition, long Offset);
