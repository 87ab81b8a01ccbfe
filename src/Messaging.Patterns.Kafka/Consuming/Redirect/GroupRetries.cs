using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>Claims the retry partitions of a member's partitions, before anything of them is given out. For the poller alone, which never waits here.</summary>
/// <param name="group">The group.</param>
/// <param name="assignment">The partitions.</param>
/// <param name="stopping">Cancelled when the member stops.</param>
internal sealed partial class GroupRetries(ConsumerGroup group, GroupAssignment assignment, CancellationToken stopping) : IDisposable
{
    private static readonly TimeSpan RenewInterval = TimeSpan.FromMinutes(10);

    private readonly RetryReader _reader = new(group.Context.Clients);
    private readonly Dictionary<TopicPartition, PartitionClaim> _claims = [];
    private readonly Dictionary<TopicPartition, GroupPartition> _waiting = [];
    private Task _ended = Task.CompletedTask;

    /// <summary>A partition came, and no orders are waited for. Nothing of it is given out before its retry partition is claimed.</summary>
    public void Came(GroupPartition partition)
    {
        partition.Leave();
        _waiting[partition.Id] = partition;
    }

    /// <summary>A partition has left, or is lost.</summary>
    public void Left(GroupPartition partition)
    {
        _waiting.Remove(partition.Id);
        Begun(partition);
    }

    /// <summary>Lets begin whose claims are in force.</summary>
    public void Step(IConsumer<byte[], byte[]> consumer)
    {
        foreach (var partition in _waiting.Values.ToList())
        {
            if (assignment.TryBegin(consumer, partition, begin: null) is not null)
            {
                _waiting.Remove(partition.Id);
            }
        }
    }

    /// <summary>Claims the retry partition for the next generation of a partition that is quiet.</summary>
    /// <returns>The claim, once it is in force.</returns>
    public RetryClaim? TryClaim(IConsumer<byte[], byte[]> consumer, GroupPartition partition, long epoch)
    {
        if (partition.Failure is not null)
        {
            return null;
        }

        var from = partition.Committed ?? 0;

        if (_claims.TryGetValue(partition.Id, out var claim) && !claim.IsFor(from, epoch))
        {
            // Rewound once more meanwhile.
            Begun(partition);
            claim = null;
        }

        if (claim is null)
        {
            _claims[partition.Id] = claim = new(group, group.RetryTopics!.PlaceOf(partition.Id), from, epoch, _reader);
            claim.Start(consumer, committed => assignment.TryCommitFor(consumer, partition, committed), stopping);
            _ended = Task.WhenAll(_ended, claim.UnderWay!.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
        }

        if (claim.UnderWay is { IsFaulted: true, Exception.InnerException: { } failure })
        {
            partition.Stop(failure.Message, failure);
        }

        return claim.UnderWay is { IsCompletedSuccessfully: true } done ? done.Result : null;
    }

    /// <summary>
    /// Commits claims again, now and then. Called under the lock of commits. Brokers forget offsets of topics to which no member subscribes when their retention is over
    /// (<c>offsets.retention.minutes</c>, 7 days unless set otherwise), while the group is running.
    /// </summary>
    public void Renew(IConsumer<byte[], byte[]> consumer, IEnumerable<GroupPartition> partitions)
    {
        var old = partitions.Where(partition => partition.Claim is { } claim && group.Context.Time.GetElapsedTime(claim.At) >= RenewInterval).ToList();

        if (old.Count == 0)
        {
            return;
        }

        try
        {
            consumer.Commit(old.Select(partition => partition.Claim!.Value.Place));
            old.ForEach(partition => partition.Claim = (partition.Claim!.Value.Place, group.Context.Time.GetTimestamp()));
        }
        catch (KafkaException exception)
        {
            Log.NotRenewed(group.Context.Logger, exception, group.Name);
        }
    }

    /// <summary>A partition has begun with its claim, or does not need it any more.</summary>
    public void Begun(GroupPartition partition)
    {
        if (_claims.Remove(partition.Id, out var claim))
        {
            claim.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var claim in _claims.Values)
        {
            claim.Dispose();
        }

        // The consumer that they use must outlive them.
        _ended.Wait();
        _reader.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(1463, LogLevel.Warning, "Consumer group {Group} could not commit its claims of retry partitions again; it tries again.")]
        public static partial void NotRenewed(ILogger logger, Exception exception, string group);
    }
}
