using System.Runtime.InteropServices;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>What the poller fetched in one go: it is collected first, and handed to the partitions under one lock for all, not for each record.</summary>
/// <remarks>For the poller alone. So many records, or bytes, a full partition may hold beyond its limits.</remarks>
/// <param name="group">The group.</param>
/// <param name="workers">The member's workers.</param>
/// <param name="stopping">Cancelled when the member is to stop.</param>
internal sealed partial class FetchedRecords(ConsumerGroup group, GroupWorkers workers, CancellationToken stopping)
{
    private const int MaxRecords = 128;

    // What is collected stays small beside the limits.
    private const int PartOfLimits = 64;

    // A full partition stops the taking for so long; only then it is paused, which throws away what was fetched ahead.
    private static readonly TimeSpan LongestStall = TimeSpan.FromMilliseconds(500);

    private readonly int _maxRecords = Math.Clamp(Math.Min(group.Options.MaxBufferedRecords, group.Options.MaxUncommittedRecords) / PartOfLimits, 1, MaxRecords);
    private readonly long _maxBytes = group.Options.MaxBufferedBytes / PartOfLimits;
    private readonly List<FetchedRecord> _records = [];
    private readonly HashSet<GroupPartition> _judging = [];
    private long _bytes;

    /// <summary>Gets whether it is time to hand over.</summary>
    public bool IsFull => _records.Count >= _maxRecords || _bytes >= _maxBytes;

    /// <summary>Adds what was fetched.</summary>
    public void Add(GroupPartition partition, ConsumeResult<byte[], byte[]> result)
    {
        var record = partition.Receive(result);
        _records.Add(record);
        _bytes += record.Bytes;
    }

    /// <summary>Hands over what was collected, and sees to it that it is handled. Waits for partitions that are full, up to a limit; then they are paused.</summary>
    public void HandOver(IConsumer<byte[], byte[]> consumer)
    {
        if (_records.Count == 0)
        {
            return;
        }

        for (var rest = CollectionsMarshal.AsSpan(_records); !rest.IsEmpty;)
        {
            var run = RunOf(rest);
            HandOver(consumer, run);
            rest = rest[run.Length..];
        }

        _records.Clear();
        _bytes = 0;
        Start();
        workers.LetCatchUp();
    }

    // Records come in runs of one partition.
    private static ReadOnlySpan<FetchedRecord> RunOf(ReadOnlySpan<FetchedRecord> records)
    {
        var length = 1;

        while (length < records.Length && records[length].Partition == records[0].Partition)
        {
            length++;
        }

        return records[..length];
    }

    private void HandOver(IConsumer<byte[], byte[]> consumer, ReadOnlySpan<FetchedRecord> run)
    {
        var (partition, stalled) = (run[0].Partition, 0L);

        if (partition.IsJudged)
        {
            _judging.Add(partition);
        }

        while (!(run = run[partition.Take(run)..]).IsEmpty)
        {
            Start();
            stalled = stalled == 0 ? group.Context.Time.GetTimestamp() : stalled;

            if (!partition.WaitForRoom(LongestStall - group.Context.Time.GetElapsedTime(stalled), stopping))
            {
                // What is in hand is beyond the limit, and the last.
                consumer.Pause([partition.Id]);
                partition.Pause();
                Log.Paused(group.Context.Logger, group.Name, partition.Topic.Name, partition.Number);
            }
        }
    }

    private void Start()
    {
        foreach (var partition in _judging)
        {
            partition.StartIntake();
        }

        _judging.Clear();
        workers.Start();
    }

    private static partial class Log
    {
        [LoggerMessage(1438, LogLevel.Debug, "Consumer group {Group} fetches no more of topic {Topic}, partition {Partition}, until it has room again.")]
        public static partial void Paused(ILogger logger, string group, string topic, int partition);
    }
}
