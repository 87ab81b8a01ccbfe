using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Consuming.Redirect;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>The partitions that a member has: how they come and go, and the one path on which their offsets are committed.</summary>
/// <remarks>
/// Offsets are chosen and committed under one lock, which a partition that leaves takes as well: brokers check membership, not ownership, so a commit that
/// was still under way when its partition left could undo what the next owner commits.
/// </remarks>
internal sealed partial class GroupAssignment(ConsumerGroup group, GroupWorkers workers, CancellationToken stopping, CancellationToken overdue) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _committing = new();

    // Replaced, never changed, since health, metrics and commits look at it while the poller goes on.
    private volatile Dictionary<TopicPartition, GroupPartition> _partitions = [];

    private Dictionary<TopicPartition, GroupPartition>? _foundIn;
    private GroupPartition? _found;

    /// <summary>Gets whether orders to partitions are being carried out.</summary>
    public bool IsUnderOrders => Control?.IsUnderWay == true;

    private GroupControl? Control => field ??= group.Context.Control is { } topic ? new GroupControl(group, topic, this, stopping, overdue) : null;

    private GroupRetries? Retries => field ??= group.RetryTopics is not null ? new GroupRetries(group, this, stopping) : null;

    /// <summary>Gets the partitions.</summary>
    public IReadOnlyCollection<GroupPartition> All => _partitions.Values;

    /// <summary>Returns a partition, or <see langword="null"/> if the member does not have it (any more).</summary>
    public GroupPartition? Find(TopicPartition id) => _partitions.GetValueOrDefault(id);

    /// <summary>Returns the partition of a record, or <see langword="null"/> if the member does not have it (any more). For the poller alone.</summary>
    public GroupPartition? Find(ConsumeResult<byte[], byte[]> record)
    {
        // Records come in runs of one partition.
        if (_foundIn != _partitions || _found is null || _found.Number != record.Partition.Value || _found.Topic.Name != record.Topic)
        {
            (_foundIn, _found) = (_partitions, Find(record.TopicPartition));
        }

        return _found;
    }

    /// <summary>Partitions come. Returns where to start each: at the group's commit, else at the beginning.</summary>
    public IEnumerable<TopicPartitionOffset> Assign(IConsumer<byte[], byte[]> consumer, List<TopicPartition> ids)
    {
        if (ReadCommitted(consumer, ids) is not { } starts)
        {
            return ids.Select(id => new TopicPartitionOffset(id, Offset.Stored));
        }

        var partitions = new Dictionary<TopicPartition, GroupPartition>(_partitions);

        foreach (var start in starts)
        {
            long? committed = start.Offset.IsSpecial ? null : start.Offset.Value;
            partitions[start.TopicPartition] = new GroupPartition(group, group.FindTopic(start.Topic), start.Partition.Value, PartitionOffsets.At(committed), workers);
            Log.Assigned(group.Context.Logger, group.Name, start.Topic, start.Partition.Value, start.Offset);
        }

        _partitions = partitions;
        starts.ForEach(start => Came(partitions[start.TopicPartition]));
        return starts;
    }

    /// <summary>Carries out orders, and fetches on for the partitions that have room again.</summary>
    public void Resume(IConsumer<byte[], byte[]> consumer)
    {
        Control?.Step(consumer);
        Retries?.Step(consumer);

        foreach (var partition in _partitions.Values)
        {
            if (partition.IsPaused && partition.TryResume())
            {
                consumer.Resume([partition.Id]);
            }
        }
    }

    /// <summary>Partitions are to go: what is being handled may be done, up to a limit, and is committed.</summary>
    public void Revoke(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> offsets)
    {
        var leaving = Those(offsets);
        Log.Draining(group.Context.Logger, group.Name, leaving.Count, group.Options.DrainTimeout);
        Wait(leaving.Select(partition => partition.DrainAsync(group.Options.DrainTimeout, overdue)));

        lock (_committing)
        {
            Commit(consumer, leaving);
            Remove(consumer, leaving);
        }

        leaving.ForEach(partition => partition.Dispose());
        leaving.ForEach(partition => Log.Revoked(group.Context.Logger, group.Name, partition.Topic.Name, partition.Number, partition.Committed));
    }

    /// <summary>Partitions are gone already; another member may have them. Nothing is committed.</summary>
    public void Lose(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> offsets)
    {
        var lost = Those(offsets);

        lock (_committing)
        {
            Remove(consumer, lost);
        }

        Cancel(lost);
    }

    /// <summary>The member is no member any more: whatever it still has is lost.</summary>
    public void Abandon()
    {
        List<GroupPartition> lost;

        lock (_committing)
        {
            lost = [.. All];
            Remove(lost);
        }

        Cancel(lost);
    }

    /// <summary>A partition is quiet: what is done is committed, and whatever is still reported does not count.</summary>
    public void Retire(IConsumer<byte[], byte[]> consumer, GroupPartition partition)
    {
        lock (_committing)
        {
            Commit(consumer, [partition]);
            partition.Leave();
        }
    }

    /// <summary>Sets the group's offset of a partition that is quiet, forwards or back. Returns whether that is durable.</summary>
    public bool TrySetPosition(IConsumer<byte[], byte[]> consumer, GroupPartition partition, long target)
    {
        lock (_committing)
        {
            var isCommitted = TryCommit(consumer, new TopicPartitionOffset(partition.Id, target));
            partition.Offsets = isCommitted ? PartitionOffsets.At(target) : partition.Offsets;
            return isCommitted;
        }
    }

    /// <summary>Commits a claim for a partition as long as the member has it. Returns whether that is durable.</summary>
    public bool TryCommitFor(IConsumer<byte[], byte[]> consumer, GroupPartition partition, TopicPartitionOffset claim)
    {
        lock (_committing)
        {
            if (Find(partition.Id) != partition)
            {
                return false;
            }

            // From now on the one before must not be committed again.
            partition.Claim = null;
            return TryCommit(consumer, claim);
        }
    }

    /// <summary>
    /// Gives out the records of a partition that is quiet, from the group's offset on. Returns its next generation, <see langword="null"/> if it is not fetched, or its retry
    /// partition not claimed, yet.
    /// </summary>
    public GroupPartition? TryBegin(IConsumer<byte[], byte[]> consumer, GroupPartition former, ControlStep.Begin? begin)
    {
        var claim = Retries?.TryClaim(consumer, former, Math.Max(0, begin?.Epoch ?? 0));

        if (Retries is not null && claim is null)
        {
            return null;
        }

        try
        {
            // In this order: a client that seeks first goes on where it was paused.
            consumer.Resume([former.Id]);
            consumer.Seek(new TopicPartitionOffset(former.Id, former.Committed ?? Offset.Beginning));
        }
        catch (KafkaException exception)
        {
            Log.NotFetchedYet(group.Context.Logger, exception, group.Name, former.Topic.Name, former.Number);
            return null;
        }

        var next = new GroupPartition(group, former.Topic, former.Number, former.Offsets, workers, begin) { End = former.End };

        if (claim is not null)
        {
            next.Redirect(claim);
            Retries!.Begun(former);
        }

        lock (_committing)
        {
            _partitions = new(_partitions) { [former.Id] = next };
        }

        former.Dispose();
        return next;
    }

    /// <summary>Commits what is done.</summary>
    public void Commit(IConsumer<byte[], byte[]> consumer)
    {
        lock (_committing)
        {
            Commit(consumer, All);
            Retries?.Renew(consumer, All);
        }
    }

    public void Dispose() => Retries?.Dispose();

    // The poller has to wait here: the client hands the partitions over when the handler returns.
    private static void Wait(IEnumerable<Task> tasks) => Task.WaitAll(tasks);

    private List<GroupPartition> Those(List<TopicPartitionOffset> offsets) => [.. offsets.Select(offset => Find(offset.TopicPartition)).OfType<GroupPartition>()];

    private void Remove(IConsumer<byte[], byte[]> consumer, List<GroupPartition> partitions)
    {
        // Else a partition would still be paused if it came back.
        consumer.Resume(partitions.Where(partition => partition.IsPaused).Select(partition => partition.Id));
        Remove(partitions);
    }

    private void Came(GroupPartition partition)
    {
        if (Control is { } control)
        {
            control.Came(partition);
        }
        else
        {
            Retries?.Came(partition);
        }
    }

    private void Remove(List<GroupPartition> partitions)
    {
        partitions.ForEach(partition => partition.Leave());
        partitions.ForEach(partition => Control?.Left(partition));
        partitions.ForEach(partition => Retries?.Left(partition));
        _partitions = _partitions.Where(entry => !partitions.Contains(entry.Value)).ToDictionary();
    }

    private void Cancel(List<GroupPartition> lost)
    {
        lost.ForEach(partition => Log.Lost(group.Context.Logger, group.Name, partition.Topic.Name, partition.Number));
        Wait(lost.Select(partition => partition.CancelAsync()));
        lost.ForEach(partition => partition.Dispose());
    }

    // Returns null when the member stops before the brokers answer.
    private List<TopicPartitionOffset>? ReadCommitted(IConsumer<byte[], byte[]> consumer, List<TopicPartition> ids)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                return [.. consumer.Committed(ids, RequestTimeout).Select(found => found.Offset.Value >= 0 ? found : new TopicPartitionOffset(found.TopicPartition, Offset.Beginning))];
            }
            catch (KafkaException exception) when (!exception.Error.IsFatal)
            {
                Log.CommittedNotRead(group.Context.Logger, exception, group.Name);
                stopping.WaitHandle.WaitOne(Pause);
            }
        }

        return null;
    }

    private bool TryCommit(IConsumer<byte[], byte[]> consumer, TopicPartitionOffset offset)
    {
        try
        {
            consumer.Commit([offset]);
            return true;
        }
        catch (KafkaException exception)
        {
            Log.NotCommitted(group.Context.Logger, exception, group.Name);
            return false;
        }
    }

    private void Commit(IConsumer<byte[], byte[]> consumer, IEnumerable<GroupPartition> partitions)
    {
        var offsets = partitions.Where(partition => partition.Uncommitted is not null)
            .Select(partition => (Partition: partition, Next: partition.Uncommitted!.Value)).ToList();

        if (offsets.Count == 0)
        {
            return;
        }

        try
        {
            consumer.Commit(offsets.Select(offset => new TopicPartitionOffset(offset.Partition.Id, offset.Next)));
            offsets.ForEach(offset => offset.Partition.Offsets = PartitionOffsets.At(offset.Next));
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.RebalanceInProgress)
        {
            // Usual while partitions are divided anew.
            Log.CommitWaits(group.Context.Logger, exception, group.Name);
        }
        catch (KafkaException exception)
        {
            // Nothing is lost: it is tried again, and if the partition leaves before, its events come again.
            Log.NotCommitted(group.Context.Logger, exception, group.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1430, LogLevel.Information, "Consumer group {Group} got topic {Topic}, partition {Partition}, to start at {Offset}.")]
        public static partial void Assigned(ILogger logger, string group, string topic, int partition, Offset offset);

        [LoggerMessage(1431, LogLevel.Information, "Consumer group {Group} gave up topic {Topic}, partition {Partition}, committed up to {Offset}.")]
        public static partial void Revoked(ILogger logger, string group, string topic, int partition, long? offset);

        [LoggerMessage(1432, LogLevel.Warning, "Consumer group {Group} lost topic {Topic}, partition {Partition}; events handled since the last commit will come again.")]
        public static partial void Lost(ILogger logger, string group, string topic, int partition);

        [LoggerMessage(1433, LogLevel.Warning, "Consumer group {Group} could not commit; it tries again.")]
        public static partial void NotCommitted(ILogger logger, Exception exception, string group);

        [LoggerMessage(1434, LogLevel.Warning, "Consumer group {Group} could not read its commits; it tries again.")]
        public static partial void CommittedNotRead(ILogger logger, Exception exception, string group);

        [LoggerMessage(1435, LogLevel.Debug, "Consumer group {Group} is being divided anew; its commit waits.")]
        public static partial void CommitWaits(ILogger logger, Exception exception, string group);

        [LoggerMessage(1439, LogLevel.Debug, "Consumer group {Group} cannot go on with topic {Topic}, partition {Partition}, yet: the client does not fetch it so far.")]
        public static partial void NotFetchedYet(ILogger logger, Exception exception, string group, string topic, int partition);

        [LoggerMessage(1437, LogLevel.Debug, "Consumer group {Group} gives up {Count} partitions, and waits up to {Limit} for what is being handled.")]
        public static partial void Draining(ILogger logger, string group, int count, TimeSpan limit);
    }
}
