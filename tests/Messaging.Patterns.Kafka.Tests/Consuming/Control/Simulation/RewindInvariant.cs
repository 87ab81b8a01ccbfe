namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

/// <summary>What must hold in every history of a group that is rewound while it runs.</summary>
internal enum RewindInvariant
{
    /// <summary>Everything from the target of the last rewind on is handled in its epoch.</summary>
    NothingSkipped,

    /// <summary>Everything before a commit, from the target of the rewind that holds, was handled in its epoch.</summary>
    CommitNotAhead,

    /// <summary>The position is not set once more for a rewind whose events the owner gives out already.</summary>
    RewoundOnce,

    /// <summary>A rewind is acknowledged only when the position was set.</summary>
    SetBeforeAcknowledged,

    /// <summary>Whoever got a partition after an order was given gives out nothing without it.</summary>
    NothingBehindAnOrder,

    /// <summary>Nothing is being handled while the position is set, but what ignores its cancellation.</summary>
    QuietWhenSet,

    /// <summary>A projection with its position takes every event once in an epoch, in order, whoever brings it.</summary>
    ProjectionExact,

    /// <summary>The owner gives out nothing after it acknowledged a pause, until the pause ends.</summary>
    PauseHolds,

    /// <summary>The owner gives out no record that it acknowledged to pass over.</summary>
    SkipHolds,

    /// <summary>An event that no rewind can have brought back is no replay.</summary>
    ReplayMarked,

    /// <summary>In the end every order is acknowledged and everything is handled and committed.</summary>
    Progress,
}
