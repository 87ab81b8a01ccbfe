using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>An owner of a partition claims its retry partition: tries until its claim is in force, or it is an owner no longer.</summary>
/// <param name="group">The group.</param>
/// <param name="place">The retry partition.</param>
/// <param name="from">The offset of the source partition from which the owner reads: the group's commit.</param>
/// <param name="epoch">The rewind epoch.</param>
/// <param name="reader">Reads the retry partition.</param>
internal sealed partial class PartitionClaim(ConsumerGroup group, TopicPartition place, long from, long epoch, RetryReader reader) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _ending = new();

    /// <summary>Gets what comes of it. It fails when the retry partition cannot be read.</summary>
    public Task<RetryClaim>? UnderWay { get; private set; }

    /// <summary>Returns whether this is for an owner that begins there.</summary>
    public bool IsFor(long offset, long rewound) => offset == from && rewound == epoch;

    /// <summary>Begins.</summary>
    /// <param name="consumer">The member's consumer.</param>
    /// <param name="tryCommit">Commits as long as the member has the partition, and returns whether that is durable.</param>
    /// <param name="stopping">Cancelled when the member stops.</param>
    public void Start(IConsumer<byte[], byte[]> consumer, Func<TopicPartitionOffset, bool> tryCommit, CancellationToken stopping)
    {
        var registration = stopping.UnsafeRegister(static ending => ((CancellationTokenSource)ending!).Cancel(), _ending);
        var token = _ending.Token;
        UnderWay = Task.Run(
            async () =>
            {
                await using (registration.ConfigureAwait(false))
                {
                    return await ClaimAsync(consumer, tryCommit, token).ConfigureAwait(false);
                }
            },
            token);
    }

    /// <summary>Ends it: the partition has left, or begins elsewhere.</summary>
    public void Dispose() => _ending.Cancel();

    private async Task<RetryClaim> ClaimAsync(IConsumer<byte[], byte[]> consumer, Func<TopicPartitionOffset, bool> tryCommit, CancellationToken ending)
    {
        while (true)
        {
            try
            {
                return await TryClaimAsync(consumer, tryCommit, ending).ConfigureAwait(false);
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                Log.NotClaimed(group.Context.Logger, exception, group.Name, place.Topic, place.Partition.Value);
            }
            catch (KafkaException exception) when (!exception.Error.IsFatal)
            {
                Log.NotClaimed(group.Context.Logger, exception, group.Name, place.Topic, place.Partition.Value);
            }

            await Task.Delay(Pause, group.Context.Time, ending).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The claim is stored first, then committed, and only then the retry partition is folded. A crash after it is stored leaves a claim that never is in force, which the
    /// fold passes over. A crash after it is committed leaves one whose owner wrote nothing: the next one finds the same keys as it.
    /// </summary>
    private async Task<RetryClaim> TryClaimAsync(IConsumer<byte[], byte[]> consumer, Func<TopicPartitionOffset, bool> tryCommit, CancellationToken ending)
    {
        var previous = consumer.Committed([place], RequestTimeout)[0].Offset is { IsSpecial: false } committed ? committed.Value : -1;
        var low = previous < 0 ? await reader.FindBeginAsync(place, RequestTimeout, ending).ConfigureAwait(false) : await FindLowAsync(previous, ending).ConfigureAwait(false);
        var claim = await group.RetryTopics!.StoreAsync(place, RedirectFormat.Write(new RetryEntry.Claim(previous, low, epoch, from)), ending).ConfigureAwait(false);

        while (!tryCommit(new TopicPartitionOffset(place, claim)))
        {
            await Task.Delay(Pause, group.Context.Time, ending).ConfigureAwait(false);
        }

        var log = await reader.ReadAsync(new TopicPartitionOffset(place, low), claim, ending).ConfigureAwait(false);

        if (previous < 0 && from > 0 && log.Exists(one => one.Entry is RetryEntry.Redirected))
        {
            throw new MessagingException(
                $"the group has no commit in {place}, so it is not known which of the records there wait. Kafka's own tools removed it, or it expired. Set the group's offset in {place} to that of the last record "
                + $"with header 'redirect-record' = 'claim' before offset {claim} (kafka-consumer-groups.sh --reset-offsets, while no process of the group runs); or delete the topic to begin without what waited there");
        }

        return new(new(place, claim), epoch, RetryLogFold.Fold(log, claim), reader);
    }

    private async Task<long> FindLowAsync(long previous, CancellationToken ending)
    {
        var before = await reader.ReadAsync(new TopicPartitionOffset(place, previous), previous, ending).ConfigureAwait(false);

        if (before[0].Entry is not RetryEntry.Claim claim)
        {
            throw new MessagingException(
                $"the group's offset in {place} is {previous}, and the record there is no claim: the offset was set by others, or the topic was recreated. Set it to that of the last record with header "
                + "'redirect-record' = 'claim' (kafka-consumer-groups.sh --reset-offsets, while no process of the group runs); or delete the topic to begin without what waited there");
        }

        return RetryLogFold.FindLow(await reader.ReadAsync(new TopicPartitionOffset(place, claim.Low), previous, ending).ConfigureAwait(false), previous);
    }

    private static partial class Log
    {
        [LoggerMessage(1460, LogLevel.Warning, "Consumer group {Group} could not claim topic {Topic}, partition {Partition}, yet; it tries again. Until then nothing of its source partition is handled.")]
        public static partial void NotClaimed(ILogger logger, Exception exception, string group, string topic, int partition);
    }
}
