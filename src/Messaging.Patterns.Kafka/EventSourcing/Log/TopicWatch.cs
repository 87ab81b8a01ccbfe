using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Looks at the topic again and again: one that was given more partitions, or was deleted and created anew, is another log.</summary>
internal sealed partial class TopicWatch(LogTopic topic, KafkaClients clients, TimeProvider time) : IAsyncDisposable
{
    /// <summary>What a changed partition count means, as the rest of a sentence.</summary>
    public const string CountChanged =
        "streams would be looked for in other partitions than those that hold them. A topic cannot lose partitions: copy its events to a new topic, or recreate it";

    /// <summary>What another identity means, as the rest of a sentence.</summary>
    public const string OtherLog = "the topic was deleted and created anew, or the address leads to another cluster. " + LogTopic.IsIntended;

    private readonly AdminSource _admin = new(clients, time);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins to look.</summary>
    public void Start() => _running = Task.Run(() => RunAsync(_stopping.Token));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        await _admin.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(topic.Options.TopicCheckInterval, time);

        do
        {
            try
            {
                await LookAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever it was, to look no more would be worse.
                Log.NotSeen(topic.Logger, exception, topic.Name);
                _admin.Renew();
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // One that is missing may come again; by then it has another id.
        if (await FoundTopic.FindAsync(_admin, topic.Name, cancellationToken).ConfigureAwait(false) is not { Topic: { } found })
        {
            return;
        }

        if (found.Identity.Differs(topic.Identity))
        {
            topic.Stop(FaultReason.OtherLog, $"it was {topic.Identity}, and now the name leads to {found.Identity}: {OtherLog}");
        }
        else if (found.Partitions != topic.Partitions)
        {
            topic.Stop(FaultReason.OtherPartitionCount, $"the topic had {topic.Partitions} partitions, and now it has {found.Partitions}: {CountChanged}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1331, LogLevel.Debug, "Topic {Topic} could not be looked at; it is tried again.")]
        public static partial void NotSeen(ILogger logger, Exception exception, string topic);
    }
}
