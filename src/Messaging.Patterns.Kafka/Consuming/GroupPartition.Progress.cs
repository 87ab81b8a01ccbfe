using Confluent.Kafka;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming;

/// <content>How far the partition has come, as commits, metrics, health and whoever asks see it.</content>
internal sealed partial class GroupPartition
{
    private readonly LagClock _clock = new();

    /// <summary>Gets why the partition stopped, or <see langword="null"/>.</summary>
    public PartitionStoppedException? Failure { get; private set; }

    /// <summary>Gets or sets where the group is, durably.</summary>
    public PartitionOffsets Offsets { get; set; }

    /// <summary>Gets the offset that is committed, or stored where the position is kept outside of Kafka; <see langword="null"/> while there is none.</summary>
    public long? Committed => Offsets.Position;

    /// <summary>Gets or sets up to where the group's position has followed the commit.</summary>
    public long? Followed { get; set; }

    /// <summary>Gets whether records are given out, so that what is committed is what this member, or whoever had the partition before, has handled in this epoch.</summary>
    public bool HasBegun => _begin is not null || _group.Context.Control is null;

    /// <summary>Gets or sets the claim that its owner has committed in the retry partition, and when; <see langword="null"/> if there is none, or another one is about to be in force.</summary>
    public (TopicPartitionOffset Place, long At)? Claim { get; set; }

    /// <summary>Gets or sets the offset at which the partition ends, as far as the client knows.</summary>
    public long? End { get; set; }

    /// <summary>Gets how many records are not committed yet, if that is known.</summary>
    public long? Lag => End is { } end ? Math.Max(0, end - (Committed ?? 0)) : null;

    /// <summary>Gets how old the first record is that is not handled, to about a second; zero if there is none.</summary>
    public TimeSpan LagTime
    {
        get
        {
            lock (_workers.Gate)
            {
                return _clock.Age(Now, _group.Context.Time.GetUtcNow().ToUnixTimeMilliseconds());
            }
        }
    }

    /// <summary>Gets for how long the partition has not got on although there are records; zero if it has, or there are none.</summary>
    public TimeSpan Unmoved
    {
        get
        {
            lock (_workers.Gate)
            {
                return _clock.Unmoved(Now);
            }
        }
    }

    /// <summary>Gets how many records of the last rewind are still to be handled again.</summary>
    public long ToReplay => Math.Max(0, (_begin?.ReplayUntil ?? 0) - (Handled ?? 0));

    /// <summary>Gets whether fetching is paused.</summary>
    public bool IsPaused => _dispatch.IsPaused;

    /// <summary>Gets the offset that may be committed and is not, or <see langword="null"/>.</summary>
    public long? Uncommitted
    {
        get
        {
            lock (_workers.Gate)
            {
                return Offsets.Due(_dispatch.Committable);
            }
        }
    }

    /// <summary>Gets the offset before which everything is handled, committed or not, or <see langword="null"/> while nothing is.</summary>
    public long? Handled
    {
        get
        {
            lock (_workers.Gate)
            {
                return _dispatch.Committable > (Committed ?? -1) ? _dispatch.Committable : Committed;
            }
        }
    }

    /// <summary>Gets how many keys are redirected.</summary>
    public int RedirectedKeys
    {
        get
        {
            lock (_workers.Gate)
            {
                return _retries?.Keys ?? 0;
            }
        }
    }

    /// <summary>Looks how far behind the partition is.</summary>
    public void ObserveLag()
    {
        if (End is not { } end)
        {
            return;
        }

        var next = Handled ?? 0;

        lock (_workers.Gate)
        {
            _clock.Observe(next, end, Now);
        }
    }

    /// <summary>Returns the keys that stand still because an event of theirs failed.</summary>
    public IReadOnlyList<ParkedKey> ListParked()
    {
        lock (_workers.Gate)
        {
            return [.. _dispatch.Parked.Select(chain => GroupParking.Show(_group, chain.Parking!, _workers.Dispatch.Now)), .. _retries?.Show() ?? []];
        }
    }

    private TimeSpan Now => _group.Context.Time.GetElapsedTime(0);
}
