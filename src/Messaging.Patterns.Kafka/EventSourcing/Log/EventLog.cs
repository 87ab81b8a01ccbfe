using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>The event topics of this process, from their provisioning to their end: what writer and reader stand on.</summary>
internal sealed partial class EventLog : IAsyncDisposable
{
    private readonly TopicProvisioner _provisioner;
    private readonly LogTopicContext _context;
    private readonly Dictionary<string, Task<LogTopic>> _topics = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();

    public EventLog(TopicProvisioner provisioner, LogTopicContext context) => (_provisioner, _context) = (provisioner, context);

    public KafkaEventStoreOptions Options => _context.Options;

    public LogTopicContext Context => _context;

    /// <summary>Gets the names of all event topics.</summary>
    public IEnumerable<string> TopicNames => Options.Streams.Values.Select(topic => topic.Name).Distinct(StringComparer.Ordinal);

    /// <summary>Gets the topics that are ready, for health checks and metrics.</summary>
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

    /// <summary>Provisions and verifies the topics, then folds them up to their ends. Waits for brokers as long as it takes.</summary>
    /// <exception cref="TopicContractException">A topic breaks the log contract.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var token = both.Token;

        foreach (var specification in Options.Streams.Values.DistinctBy(topic => topic.Name, StringComparer.Ordinal))
        {
            lock (_topics)
            {
                _topics.Add(specification.Name, Task.Run(() => StartTopicAsync(specification, token), token));
            }
        }

        _started.TrySetResult();
        await Task.WhenAll(_topics.Values).ConfigureAwait(false);
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
        return topic.IsCompletedSuccessfully ? topic.Result : await topic.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the appends whose time is up, again and again.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), _context.Time);

        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var topic in Topics)
            {
                topic.Sweep(_context.Time.GetTimestamp());
            }
        }
    }

    /// <summary>Writes the checkpoint of a process that only writes; does nothing elsewhere.</summary>
    public void SaveCheckpoint() => _context.Checkpoint?.Save(
        [.. Topics.SelectMany(topic => topic.All.Select(partition => (topic.Name, partition.Number, partition.Snapshot())))]);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);

        foreach (var topic in Topics)
        {
            await topic.DisposeAsync().ConfigureAwait(false);
        }

        SaveCheckpoint();

        if (_context.Store is not null)
        {
            await _context.Store.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task<LogTopic> StartTopicAsync(TopicSpecification specification, CancellationToken cancellationToken)
    {
        var found = await _provisioner.EnsureLogTopicAsync(specification, Options.Provisioning, cancellationToken).ConfigureAwait(false);
        var topic = new LogTopic(_context, specification.Name, found.Partitions);

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
}
