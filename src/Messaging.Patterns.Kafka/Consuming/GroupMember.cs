using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>This process's membership of a group: one thread that polls and hands records to their partitions, and the workers that handle them.</summary>
/// <remarks>The poller never waits for a handler for long, so the member keeps its partitions however slow handlers are.</remarks>
internal sealed partial class GroupMember : IDisposable
{
    // That of the client, and of brokers that divide the partitions.
    private const int DefaultSessionMs = 45_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PollIntervalUnderOrders = TimeSpan.FromMilliseconds(5);

    private readonly ConsumerGroup _group;
    private readonly GroupAssignment _assignment;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly CancellationTokenSource _ending;
    private readonly FetchedRecords _fetched;
    private readonly GroupReports? _reports;
    private readonly PositionFollower? _follower;
    private volatile Exception? _fault;
    private volatile string? _trouble;
    private volatile string? _away;
    private volatile bool _isIn;
    private volatile bool _wasIn;

    /// <summary>Makes the member.</summary>
    /// <param name="group">The group.</param>
    /// <param name="stopping">Cancelled when the member is to stop.</param>
    /// <param name="overdue">Cancelled when it must not wait for handlers any longer.</param>
    public GroupMember(ConsumerGroup group, CancellationToken stopping, CancellationToken overdue)
    {
        (_group, _ending) = (group, CancellationTokenSource.CreateLinkedTokenSource(stopping));
        Workers = new GroupWorkers(SettingsOf(group), group.Context.Time, Failed);
        _assignment = new GroupAssignment(group, Workers, _ending.Token, overdue);
        _fetched = new FetchedRecords(group, Workers, _ending.Token);
        _reports = group.Context.Control is { } control ? new GroupReports(group, control, NameOf(group)) : null;
        _follower = group.Positions is IFollowingPositionStore positions ? new PositionFollower(group, positions) : null;
        _consumer = group.Context.Clients.CreateConsumer(
            config =>
            {
                GroupConsumerConfig.Apply(config, group);
                Session = TimeSpan.FromMilliseconds(config.SessionTimeoutMs ?? DefaultSessionMs);
            },
            builder => builder
                .SetPartitionsAssignedHandler((consumer, partitions) => Assign(consumer, partitions))
                .SetPartitionsRevokedHandler((consumer, partitions) => _assignment.Revoke(consumer, partitions))
                .SetPartitionsLostHandler((consumer, partitions) => Lose(consumer, partitions)),
            error => _away = error.Code == ErrorCode.Local_AllBrokersDown ? error.Reason : _away);
    }

    /// <summary>Gets the partitions that the member has now.</summary>
    public IReadOnlyCollection<GroupPartition> Partitions => _assignment.All;

    /// <summary>Returns a partition, or <see langword="null"/> if the member does not have it.</summary>
    public GroupPartition? Find(TopicPartition id) => _assignment.Find(id);

    /// <summary>Gets how long brokers remember a member that says nothing.</summary>
    public TimeSpan Session { get; private set; }

    /// <summary>Gets the workers.</summary>
    public GroupWorkers Workers { get; }

    /// <summary>Gets what the client reported last and did not overcome yet, or <see langword="null"/>.</summary>
    public string? Trouble => _away ?? _trouble ?? (_isIn ? null : _group.Refusal?.Message);

    /// <summary>Polls until told to stop; then drains, commits and leaves the group.</summary>
    public async Task RunAsync()
    {
        using var ended = new CancellationTokenSource();
        var ends = new GroupEnds(_group, _consumer);
        var beside = Task.WhenAll(
            RepeatAsync(Commit, ended.Token),
            RepeatAsync(stopping => ends.ObserveAsync(Partitions, stopping), ended.Token),
            RepeatAsync(stopping => LookForBrokersAsync(ends, stopping), ended.Token),
            RepeatAsync(stopping => _follower?.FollowAsync(Partitions, stopping) ?? Task.CompletedTask, ended.Token),
            RepeatAsync(stopping => _reports?.ReportAsync(Partitions, stopping) ?? Task.CompletedTask, ended.Token));

        try
        {
            await Task.Factory.StartNew(Poll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await beside.ConfigureAwait(false);
            await ends.DisposeAsync().ConfigureAwait(false);
            await (_reports?.LeaveAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }

        if (_fault is { } fault)
        {
            throw new MessagingException($"Consumer group '{_group.Name}' has ended by a fault of the library.", fault);
        }
    }

    public void Dispose()
    {
        _assignment.Dispose();
        _consumer.Dispose();
        Workers.Dispose();
        _ending.Dispose();
    }

    // Several members of a group may be in one process, and processes of one name on one machine after each other.
    private static string NameOf(ConsumerGroup group) => group.Options.GroupInstanceId
        ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("N")[..4]}");

    private static DispatchSettings SettingsOf(ConsumerGroup group) => new()
    {
        Ordering = group.Options.Ordering,
        MaxConcurrency = group.MaxConcurrency,
        BatchSize = group.Dispatcher.TakesBatches ? group.Options.BatchSize : 1,
        BatchTimeout = group.Dispatcher.TakesBatches ? group.Options.BatchTimeout.Ticks : 0,
        MaxRecords = group.Options.MaxBufferedRecords,
        MaxBytes = group.Options.MaxBufferedBytes,
        MaxUncommitted = group.Options.MaxUncommittedRecords,
        Parking = GroupParking.SettingsOf(group.Options),
    };

    private IEnumerable<TopicPartitionOffset> Assign(IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
    {
        (_isIn, _wasIn) = (true, true);
        return _assignment.Assign(consumer, partitions);
    }

    private void Lose(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        _isIn = false;
        _assignment.Lose(consumer, partitions);
    }

    private void Poll()
    {
        _consumer.Subscribe(_group.Subscription);
        Log.Joining(_group.Context.Logger, _group.Name, string.Join(", ", _group.Subscription));

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
            var patience = _assignment.IsUnderOrders ? PollIntervalUnderOrders : PollInterval;

            while (!_fetched.IsFull && _consumer.Consume(patience) is { } result)
            {
                (_trouble, patience) = (null, TimeSpan.Zero);

                if (_assignment.Find(result) is { } partition)
                {
                    _fetched.Add(partition, result);
                }
            }
        }
        catch (ConsumeException exception)
        {
            Failed(exception);
        }
        finally
        {
            _fetched.HandOver(_consumer);
        }
    }

    private void Failed(ConsumeException exception)
    {
        // Whoever lost its session asks to be let in anew; if that answer is lost, what it asks next is fenced by itself.
        if (exception.Error.Code is ErrorCode.UnreleasedInstanceId or ErrorCode.FencedInstanceId)
        {
            var isThrownOut = exception.Error.Code == ErrorCode.FencedInstanceId && _isIn && Partitions.Count > 0;
            throw new InstanceIdInUseException(_group.Name, exception) { How = isThrownOut ? Exclusion.ThrownOut : Exclusion.Refused, WasMember = _wasIn };
        }

        if (exception.Error.IsFatal)
        {
            throw new MessagingException($"Consumer group '{_group.Name}' cannot go on: {exception.Error.Reason}.", exception);
        }

        if (exception.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange or ErrorCode.Local_LogTruncation
            && exception.ConsumerRecord?.TopicPartition is { } id && _assignment.Find(id) is { } partition)
        {
            partition.Stop(
                $"the log does not hold offset {partition.Committed?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "0"}, where the group is to go on: it was truncated, deleted or recreated ({exception.Error.Reason}). "
                + $"Find out what happened to the topic; then set the group's offset where it is to go on, {(_group.Positions is null || _group.Context.Control is null ? "with Kafka's own tools" : "by a rewind")}",
                exception);
            return;
        }

        _trouble = exception.Error.Reason;
        Log.Interrupted(_group.Context.Logger, exception, _group.Name);
    }

    private void Failed(Exception fault)
    {
        _fault = fault;
        _ending.Cancel();
    }

    // Where nothing new comes, the client does not say that brokers are back.
    private async Task LookForBrokersAsync(GroupEnds ends, CancellationToken stopping)
    {
        if (_away is not null && await ends.IsAnsweredAsync(stopping).ConfigureAwait(false))
        {
            _away = null;
        }
    }

    private Task Commit(CancellationToken ended)
    {
        _assignment.Commit(_consumer);
        return Task.CompletedTask;
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> work, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(_group.Options.CommitInterval, _group.Context.Time);

        try
        {
            while (await timer.WaitForNextTickAsync(ended).ConfigureAwait(false))
            {
                await work(ended).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The poller has ended, and committed what was left.
        }
        finally
        {
            // Whatever ends the commits, or what else goes on beside the poller, ends the member: it must not go on without them.
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
