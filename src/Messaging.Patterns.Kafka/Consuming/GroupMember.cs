using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>This process's membership of a group: one thread that polls and hands records to their partitions, whose workers handle them.</summary>
/// <remarks>The poller never waits for a handler for long, so the member keeps its partitions however slow handlers are.</remarks>
internal sealed partial class GroupMember : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // A full partition stops the taking for so long; only then it is paused, which throws away what was fetched ahead.
    private static readonly TimeSpan LongestStall = TimeSpan.FromMilliseconds(100);

    private readonly ConsumerGroup _group;
    private readonly GroupAssignment _assignment;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly CancellationTokenSource _ending;

    /// <summary>Makes the member.</summary>
    /// <param name="group">The group.</param>
    /// <param name="stopping">Cancelled when the member is to stop.</param>
    /// <param name="overdue">Cancelled when it must not wait for handlers any longer.</param>
    public GroupMember(ConsumerGroup group, CancellationToken stopping, CancellationToken overdue)
    {
        (_group, _ending) = (group, CancellationTokenSource.CreateLinkedTokenSource(stopping));
        _assignment = new GroupAssignment(group, _ending.Token, overdue);
        _consumer = group.Context.Clients.CreateConsumer(
            config => GroupConsumerConfig.Apply(config, group),
            builder => builder
                .SetPartitionsAssignedHandler((consumer, partitions) => _assignment.Assign(consumer, partitions))
                .SetPartitionsRevokedHandler((consumer, partitions) => _assignment.Revoke(consumer, partitions))
                .SetPartitionsLostHandler((consumer, partitions) => _assignment.Lose(consumer, partitions)));
    }

    /// <summary>Gets the partitions that the member has now.</summary>
    public IReadOnlyCollection<GroupPartition> Partitions => _assignment.All;

    /// <summary>Gets what the client reported last and did not overcome yet, or <see langword="null"/>.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Polls until told to stop; then drains, commits and leaves the group.</summary>
    public async Task RunAsync()
    {
        using var ended = new CancellationTokenSource();
        var committing = CommitAsync(ended.Token);

        try
        {
            await Task.Factory.StartNew(Poll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await committing.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _ending.Dispose();
    }

    private void Poll()
    {
        _consumer.Subscribe(_group.Options.Topics);
        Log.Joining(_group.Context.Logger, _group.Name, string.Join(", ", _group.Options.Topics));

        try
        {
            while (!_ending.IsCancellationRequested)
            {
                _assignment.Resume(_consumer);
                PollOnce();
            }
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        try
        {
            // Calls the revoke handler, which drains and commits.
            _consumer.Close();
            Log.Left(_group.Context.Logger, _group.Name);
        }
        catch (KafkaException exception)
        {
            // What ended the member, if anything did, is thrown already.
            Log.NotLeft(_group.Context.Logger, exception, _group.Name);
        }
        finally
        {
            _assignment.Abandon();
        }
    }

    private void PollOnce()
    {
        try
        {
            if (_consumer.Consume(PollInterval) is not { } result)
            {
                return;
            }

            Trouble = null;

            if (_assignment.Find(result.TopicPartition) is { } partition)
            {
                Take(partition, result);
            }
        }
        catch (ConsumeException exception)
        {
            Failed(exception);
        }
    }

    private void Take(GroupPartition partition, ConsumeResult<byte[], byte[]> result)
    {
        if (result.IsPartitionEOF)
        {
            partition.ReachedEnd(result.Offset.Value);
        }
        else if (!partition.Add(result) && !partition.WaitForRoom(LongestStall))
        {
            _consumer.Pause([partition.Id]);
            partition.Pause();
        }
    }

    private void Failed(ConsumeException exception)
    {
        if (exception.Error.IsFatal)
        {
            throw new MessagingException($"Consumer group '{_group.Name}' cannot go on: {exception.Error.Reason}.", exception);
        }

        if (exception.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange or ErrorCode.Local_LogTruncation
            && exception.ConsumerRecord?.TopicPartition is { } id && _assignment.Find(id) is { } partition)
        {
            partition.Stop(
                $"the log does not hold offset {partition.Committed?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "0"}, where the group is to go on: it was truncated, deleted or recreated ({exception.Error.Reason}). "
                + "Find out what happened to the topic; then set the group's offset where it is to go on, with Kafka's own tools",
                exception);
            return;
        }

        Trouble = exception.Error.Reason;
        Log.Interrupted(_group.Context.Logger, exception, _group.Name);
    }

    private async Task CommitAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(_group.Options.CommitInterval, _group.Context.Time);

        try
        {
            while (await timer.WaitForNextTickAsync(ended).ConfigureAwait(false))
            {
                _assignment.Commit(_consumer);
                _assignment.ObserveEnds(_consumer);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The poller has ended, and committed what was left.
        }
        finally
        {
            // Whatever ends the commits ends the member: it must not go on without them.
            await _ending.CancelAsync().ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1400, LogLevel.Information, "Consumer group {Group} joins, to read {Topics}.")]
        public static partial void Joining(ILogger logger, string group, string topics);

        [LoggerMessage(1401, LogLevel.Information, "Consumer group {Group} has left.")]
        public static partial void Left(ILogger logger, string group);

        [LoggerMessage(1403, LogLevel.Warning, "Consumer group {Group} could not be left properly; the brokers give its partitions to others when the member's session ends.")]
        public static partial void NotLeft(ILogger logger, Exception exception, string group);

        [LoggerMessage(1402, LogLevel.Warning, "Consumer group {Group} was interrupted; it goes on by itself.")]
        public static partial void Interrupted(ILogger logger, Exception exception, string group);
    }
}
