using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Looks at the topic again and again: one that was given more partitions, or was deleted and created anew, is another log.</summary>
internal sealed partial class TopicWatch(LogTopic topic, IAdminClient admin, TimeProvider time) : IAsyncDisposable
{
    /// <summary>What a changed partition count means, as the rest of a sentence.</summary>
    public const string CountChanged =
        "streams would be looked for in other partitions than those that hold them. A topic cannot lose partitions: copy its events to a new topic, or recreate it";

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private string? _id;

    /// <summary>Begins to look.</summary>
    public void Start() => _running = Task.Run(() => RunAsync(_stopping.Token));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
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
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var options = new DescribeTopicsOptions { RequestTimeout = TimeSpan.FromSeconds(10) };
        var described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic.Name]), options).WaitAsync(cancellationToken).ConfigureAwait(false);
        var found = described.TopicDescriptions[0];
        var id = found.TopicId.ToString();

        if (found.Partitions.Count != topic.Partitions)
        {
            topic.Stop(FaultReason.OtherPartitionCount, $"the topic had {topic.Partitions} partitions, and now it has {found.Partitions.Count}: {CountChanged}");
        }
        else if (id != (_id ??= id))
        {
            topic.Stop(FaultReason.FrameMissing, "the topic was deleted and created anew while the store was running");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1331, LogLevel.Debug, "Topic {Topic} could not be looked at; it is tried again.")]
        public static partial void NotSeen(ILogger logger, Exception exception, string topic);
    }
}
