namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

/// <summary>What holds in every history.</summary>
internal enum DispatchInvariant
{
    /// <summary>When a record is given out, all of its key before it that came with this assignment are done; but for those given out with it, which come before it.</summary>
    OrderOfKeys,

    /// <summary>Everything before a commit is done, or held nothing to handle.</summary>
    CommitNotAhead,

    /// <summary>Only the owner of a partition commits it.</summary>
    OwnerCommits,

    /// <summary>Once a partition drains, has stopped or has left, nothing of it is given out.</summary>
    QuietWhenLeaving,

    /// <summary>Only what failed is set aside, and what failed comes again alone, not before its time and not when its time is long over.</summary>
    Patience,

    /// <summary>What was taken is handled, however long a record of another key fails; but for keys at whose failure the partition stopped.</summary>
    OthersGoOn,

    /// <summary>What is held stays within the limits, and of parked keys no more than they may hold.</summary>
    MemoryBound,

    /// <summary>No more workers handle than may.</summary>
    Concurrency,

    /// <summary>While there is work and a worker may be started for it, one is.</summary>
    NoIdleWorker,

    /// <summary>In a calm world everything is handled in the end and committed, and nothing is held any more.</summary>
    Progress,
}
