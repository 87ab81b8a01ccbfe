using System.Collections.Concurrent;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>The event topics of this process, from their provisioning to their end: what writer and reader stand on.</summary>
internal sealed partial class EventLog : IAsyncDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(50);

    private readonly TopicProvisioner _provisioner;
    private readonly LogTopicContext _context;
    private readonly Dictionary<string, Task<LogTopic>> _topics = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, LogTopic> _present = new(StringComparer.Ordinal);
    private Task _sweeping = Task.CompletedTask;

    public EventLog(TopicProvisioner provisioner, LogTopicContext context)
    {
        (_provisioner, _context) = (provisioner, context);
        context.Metrics.Observe(this);
    }

    public KafkaEventStoreOptions Options => _context.Options;

    public LogTopicContext Context => _context;

    /// <summary>Gets the names of all event topics.</summary>
    public IEnumerable<string> TopicNames => Options.Streams.Values.Select(topic => topic.Name).Distinct(StringComparer.Ordinal);

    /// <summary>Gets the topics that are being folded or are ready, for health checks and metrics.</summary>
    public IEnumerable<LogTopic> Present => _present.Values;

    /// <summary>Gets the topics that are ready.</summary>
    public IEnumerable<LogTopic> Topics
    {
        get
        {
            lock (_topics)
            {
                return [.. _topics.Values.Where(topic => topic.IsCompletedSuccessfully).Select(topic => topic.Result)];
            }
        }
    }

    /// <summary>Gets why topics could not be started.</summary>
    public IEnumerable<Exception> StartFailures
    {
        get
        {
            if (_started.Task.Exception is { } failure)
            {
                return failure.InnerExceptions;
            }

            lock (_topics)
            {
                return [.. _topics.Values.Where(topic => topic.IsFaulted).Select(topic => topic.Exception!.InnerException!)];
            }
        }
    }

    /// <summary>Provisions and verifies the topics, then folds them up to their ends. Waits for brokers as long as it takes.</summary>
    /// <exception cref="TopicContractException">A topic breaks the log contract.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var token = both.Token;

        OpenProducer();
        _sweeping = Task.Run(() => SweepAsync(_stopping.Token), CancellationToken.None);

        foreach (var specification in Options.Streams.Values.DistinctBy(topic => topic.Name, StringComparer.Ordinal))
        {
            lock (_topics)
            {
                _topics.Add(specification.Name, Task.Run(() => StartTopicAsync(specification, token), token));
            }
        }

        _started.TrySetResult();

        // The first failure counts: a topic that breaks its contract is not silent until others, perhaps long, are folded.
        await foreach (var topic in Task.WhenEach(_topics.Values).ConfigureAwait(false))
        {
            await topic.ConfigureAwait(false);
        }
    }

    /// <summary>Returns the topic in which a stream lives, once it is ready.</summary>
    /// <exception cref="InvalidOperationException">The stream's category has no topic.</exception>
    public ValueTask<LogTopic> TopicOfAsync(StreamId stream, CancellationToken cancellationToken)
    {
        if (!Options.Streams.TryGetValue(stream.Category, out var specification))
        {
            throw new InvalidOperationException(
                $"Stream '{stream}' has category '{stream.Category}', which has no topic. Known categories: {string.Join(", ", Options.Streams.Keys.Order(StringComparer.Ordinal))}. "
                + $"Register it with AddStreams(\"{stream.Category}\", topic: \"...\").");
        }

        return TopicAsync(specification.Name, cancellationToken);
    }

    /// <summary>Returns a topic, once it is ready.</summary>
    public async ValueTask<LogTopic> TopicAsync(string name, CancellationToken cancellationToken)
    {
        if (!_started.Task.IsCompletedSuccessfully)
        {
            await _started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var topic = _topics[name];

        try
        {
            return topic.IsCompletedSuccessfully ? topic.Result : await topic.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (topic.IsCanceled && !cancellationToken.IsCancellationRequested)
        {
            throw new EventStoreStoppedException("this process is stopping", exception);
        }
    }

    /// <summary>Writes the checkpoint of a process that only writes; does nothing elsewhere. A failure is logged: without it a start only folds more of the log.</summary>
    public void SaveCheckpoint()
    {
        try
        {
            // What is not folded by now, or has stopped, keeps its older checkpoint: by that the next start notices a log that was changed.
            _context.Checkpoint?.Save(Topics.SelectMany(topic => topic.All.Where(partition => partition.Failure is null))
                .ToDictionary(partition => partition.Key, partition => partition.Snapshot()));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotSaved(_context.Logger, exception);
        }
    }

    /// <summary>Tells those who wait for the start that there will be none: the host may be stopped before it has begun to run this.</summary>
    public void RefuseStart()
    {
        if (_started.TrySetException(new EventStoreStoppedException("this process is stopping")))
        {
            // Perhaps nobody waits.
            _ = _started.Task.Exception;
        }
    }

    public async ValueTask DisposeAsync()
    {
        RefuseStart();
        var ready = Topics.ToList();

        // Only a broker that is away makes this wait; the tail and the time limits of appends still work.
        await Task.WhenAll(ready.Select(topic => topic.DrainAsync())).WaitAsync(DrainLimit, _context.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_topics.Values.Select(Task (topic) => topic)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _sweeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        SaveCheckpoint();

        foreach (var topic in Topics)
        {
            await topic.DisposeAsync().ConfigureAwait(false);
        }

        if (_context.Store is not null)
        {
            await _context.Store.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    /// <summary>Ends the appends whose time is up, again and again.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, _context.Time);

        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var topic in Topics)
            {
                SweepTopic(topic);
            }
        }
    }

    private void SweepTopic(LogTopic topic)
    {
        try
        {
            topic.Sweep(_context.Time.GetTimestamp());
        }
        catch (Exception exception)
        {
            // A fault of this library: appends that never end are worse than a topic that says so, and other topics go on.
            topic.Stop(FaultReason.External, $"appends whose time is up could not be ended: {exception}");
        }
    }

    private void OpenProducer()
    {
        try
        {
            if (_context.IsWriter)
            {
                _context.Producer.Open();
            }
        }
        catch (Exception exception)
        {
            // Whoever waits for a topic would wait for ever.
            _started.TrySetException(exception);
            throw;
        }
    }

    private async Task<LogTopic> StartTopicAsync(TopicSpecification specification, CancellationToken cancellationToken)
    {
        var found = await _provisioner.EnsureLogTopicAsync(specification, Options.Provisioning, cancellationToken).ConfigureAwait(false);
        var topic = new LogTopic(_context, found);
        _present[topic.Name] = topic;

        try
        {
            await topic.StartAsync(cancellationToken).ConfigureAwait(false);
            return topic;
        }
        catch
        {
            await topic.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1302, LogLevel.Error, "The checkpoint could not be written; it is tried again, and until then a start folds more of the log.")]
        public static partial void NotSaved(ILogger logger, Exception exception);
    }
}
