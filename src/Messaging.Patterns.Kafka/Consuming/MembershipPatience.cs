namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>
/// When a static member that another one with its id keeps out, or has thrown out, asks again. The other one may be its own former self: a process that crashed, or a
/// request of it that arrives late. That one says nothing more, and is forgotten when its session ends. Pure.
/// </summary>
/// <param name="session">How long a session is.</param>
internal sealed class MembershipPatience(TimeSpan session)
{
    /// <summary>How long it asks in vain until it gives up: longer than the longest session that brokers allow unless they are told otherwise (60 s).</summary>
    public static readonly TimeSpan MaxRefusal = TimeSpan.FromMinutes(2);

    /// <summary>Who is thrown out twice within this time is so by somebody who lives.</summary>
    public static readonly TimeSpan FenceWindow = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private TimeSpan? _refusedSince;
    private TimeSpan? _fencedAt;

    /// <summary>Returns after what time to ask again; <see langword="null"/> to give up.</summary>
    /// <param name="how">What happened.</param>
    /// <param name="wasMember">Whether it had been let in before.</param>
    /// <param name="now">The time.</param>
    public TimeSpan? DelayAfter(Exclusion how, bool wasMember, TimeSpan now)
    {
        if (how == Exclusion.ThrownOut)
        {
            var isAgain = now - _fencedAt < FenceWindow;
            (_fencedAt, _refusedSince) = (now, null);
            return isAgain ? null : session;
        }

        _refusedSince = wasMember ? now : _refusedSince ?? now;
        return now - _refusedSince < MaxRefusal ? Delay : null;
    }
}

/// <summary>How another member with its id keeps a static member out.</summary>
internal enum Exclusion
{
    /// <summary>It was not let in, or fenced before it had partitions.</summary>
    Refused,

    /// <summary>It had partitions, and was fenced.</summary>
    ThrownOut,
}
