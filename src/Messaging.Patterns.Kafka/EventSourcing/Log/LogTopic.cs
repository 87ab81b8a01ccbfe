using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>One event topic as this process sees it: its partitions, and the tail that feeds them.</summary>
internal sealed partial class LogTopic : IAsyncDisposable
{
    /// <summary>What to do about another log, as a sentence.</summary>
    public const string IsIntended = "If that was intended, delete the read store or checkpoint of this process and start again";

    private readonly LogTopicContext _context;
    private readonly TopicWatch _watch;
    private readonly SharedBarrier[] _barriers;
    private LogTail? _tail;

    public LogTopic(LogTopicContext context, ProvisionedTopic topic)
    {
        (_context, Name, Partitions, Identity) = (context, topic.Name, topic.Partitions, topic.Identity);
        MaxMessageBytes = Math.Min(topic.MaxMessageBytes ?? long.MaxValue, context.Clients.MaxMessageBytes);
        All = [.. Enumerable.Range(0, Partitions).Select(OpenPartition)];
        _barriers = [.. All.Select(partition => new SharedBarrier(this, partition, context))];
        Ends = new LogEnds(Name, Partitions, context);
        Retries = new Retries(context.Time);
        _watch = new TopicWatch(this, context.Clients, context.Time);
    }

    public string Name { get; }

    /// <summary>Gets the partition count, which never changes while the process runs.</summary>
    public int Partitions { get; }

    /// <summary>Gets what tells the topic from another one of the same name.</summary>
    public TopicIdentity Identity { get; }

    /// <summary>Gets the most bytes that topic and producer take as one record, as far as known.</summary>
    public long MaxMessageBytes { get; }

    public IReadOnlyList<LogPartition> All { get; }

    public LogEnds Ends { get; }

    public Retries Retries { get; }

    public KafkaEventStoreOptions Options => _context.Options;

    public KafkaProducer Producer => _context.Producer;

    /// <summary>Returns the record of a frame.</summary>
    public Message<byte[], byte[]> RecordOf(byte[] key, byte[] frame) => _context.RecordOf(key, frame);

    /// <summary>Gets the store that reads are answered from; only in a process that reads.</summary>
    public IStreamStore Store => _context.Store!;

    public EventLogMetrics Metrics => _context.Metrics;

    public ILogger Logger => _context.Logger;

    /// <summary>Returns the partition of a stream, as Java's default partitioner chooses it.</summary>
    public LogPartition PartitionOf(ReadOnlySpan<byte> key) => All[Murmur2.Partition(key, Partitions)];

    /// <summary>Writes a barrier and returns the offset after it: what lies below was written before, by whomever.</summary>
    public Task<long> WriteBarrierAsync(LogPartition partition, CancellationToken cancellationToken) => _barriers[partition.Number].WriteAsync(cancellationToken);

    /// <summary>Begins to follow the log, and returns when it is folded up to the end that it has now.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var starts = await Ends.ListAsync(OffsetSpec.Earliest(), cancellationToken).ConfigureAwait(false);
        var ends = await Ends.ListAsync(OffsetSpec.Latest(), cancellationToken).ConfigureAwait(false);
        Check(starts, ends);

        if (All.FirstOrDefault(partition => partition.Failure is not null) is { } stopped)
        {
            throw stopped.Failure!;
        }

        foreach (var partition in All.Where(partition => partition.RestoredIdentity != Identity))
        {
            partition.Store?.Adopt(Identity);
        }

        Log.Restoring(Logger, Name, Partitions, All.Sum(partition => Math.Max(0, ends[partition.Number] - partition.Progress.Next)));
        _tail = LogTail.Start(this, _context.Clients, _context.Time, starts);

        foreach (var partition in All)
        {
            partition.CatchUpTo(ends[partition.Number]);
        }

        using (new RestoreProgress(Name, () => All.Sum(partition => partition.Behind), _context.Time, Logger))
        {
            await Task.WhenAll(All.Select(partition => partition.CaughtUp)).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await WriteBarriersAsync(ends, cancellationToken).ConfigureAwait(false);

        if (!_context.Clients.IsDevelopment)
        {
            _watch.Start();
        }

        Log.Ready(Logger, Name, All.Sum(partition => partition.Progress.Next));
    }

    /// <summary>Blocks the tail while the store has more to write than it should hold in memory.</summary>
    public void WaitForRoom(CancellationToken cancellationToken) => _context.Store?.Backlog.Wait(cancellationToken);

    /// <summary>Ends the appends whose time is up.</summary>
    public void Sweep(long now)
    {
        foreach (var partition in All)
        {
            partition.Sweep(now);
        }
    }

    /// <summary>Completes when the appends that are under way now are answered.</summary>
    public Task DrainAsync() => Task.WhenAll(All.Select(partition => partition.DrainAsync()));

    /// <summary>Stops all partitions for good.</summary>
    public void Stop(FaultReason reason, string text)
    {
        foreach (var partition in All)
        {
            partition.Stop(reason, text);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync().ConfigureAwait(false);

        if (_tail is not null)
        {
            await _tail.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var partition in All)
        {
            partition.Close();
        }

        foreach (var barrier in _barriers)
        {
            barrier.Dispose();
        }

        await Ends.DisposeAsync().ConfigureAwait(false);
        Retries.Dispose();
    }

    private LogPartition OpenPartition(int number)
    {
        var store = _context.Store?.OpenPartition(Name, number);
        var checkpoint = store is null ? _context.Checkpoint?.Find(Name, number) : store.Restore();

        if (checkpoint?.Covers(Options.AppendIdWindow) == false)
        {
            // A file that was written when fewer were to be remembered. Which of the others were accepted only the log says.
            Log.WindowGrown(Logger, Name, number, checkpoint.Window.Count, Options.AppendIdWindow);
            checkpoint = new PartitionCheckpoint(0, null, [], []) { Identity = checkpoint.Identity };
        }

        return new LogPartition(this, number, store, checkpoint);
    }

    // A place in the log that it does not have (any more) means that it is another log than the one that was folded.
    private void Check(long[] starts, long[] ends)
    {
        foreach (var partition in All)
        {
            if (FindFault(partition, starts[partition.Number], ends[partition.Number]) is var (reason, text))
            {
                partition.Stop(reason, text);
            }
        }
    }

    private (FaultReason Reason, string Text)? FindFault(LogPartition partition, long start, long end)
    {
        var next = partition.Progress.Next;

        return partition.RestoredIdentity.Differs(Identity)
                ? (FaultReason.OtherLog, $"the log that this process has folded was {partition.RestoredIdentity}, and now the name leads to {Identity}: {TopicWatch.OtherLog}")
            : partition.FoldedPartitionCount is { } count && count != Partitions
                ? (FaultReason.OtherPartitionCount, $"the log was written when the topic had {count} partitions, and now it has {Partitions}: {TopicWatch.CountChanged}")
            : next > end
                ? (FaultReason.FrameMissing, $"the log is folded up to offset {next}, but it now ends at {end}: it was truncated or recreated. {IsIntended}")
            : next < start
                ? (FaultReason.FrameMissing, $"the log is folded up to offset {next}, but it now begins at {start}: records were deleted that this process has not folded, "
                    + "and their streams would seem new. Find out what deletes them (retention, kafka-delete-records.sh), and start with a read store or checkpoint that reaches beyond them")
            : null;
    }

    // So that no partition is without the topic's partition count. Several processes may do it, and repeat it: barriers change nothing.
    private async Task WriteBarriersAsync(long[] ends, CancellationToken cancellationToken)
    {
        if (_context.IsWriter)
        {
            await Task.WhenAll(All.Where(partition => ends[partition.Number] == 0).Select(partition => WriteBarrierAsync(partition, cancellationToken))).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1300, LogLevel.Information, "Folding topic {Topic} with {Partitions} partitions: {Records} records to go.")]
        public static partial void Restoring(ILogger logger, string topic, int partitions, long records);

        [LoggerMessage(1345, LogLevel.Information, "The checkpoint of topic {Topic}, partition {Partition} holds {Found} appends, and {Wanted} are to be remembered: the partition is folded from its begin.")]
        public static partial void WindowGrown(ILogger logger, string topic, int partition, int found, int wanted);

        [LoggerMessage(1301, LogLevel.Information, "Topic {Topic} is folded up to its end, {Records} records in all.")]
        public static partial void Ready(ILogger logger, string topic, long records);
    }
}
