namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>What must hold in every history of a group that goes on from a position in its database.</summary>
internal enum PositionInvariant
{
    /// <summary>In the end everything took effect, and everything from the target of the last rewind on in its epoch.</summary>
    NothingSkipped,

    /// <summary>What the group knows as one takes effect once in an epoch.</summary>
    OnceInAnEpoch,

    /// <summary>Nothing commits in an epoch once a later one is stored.</summary>
    NothingOfAFormerEpoch,

    /// <summary>An event that took effect from one place does not take effect from another.</summary>
    CopiesStayKnown,

    /// <summary>Everything before the stored position took effect: from the target of the rewind that holds on, in its epoch.</summary>
    PositionNotAhead,

    /// <summary>A partition stops only where its database lost a rewind.</summary>
    StopsOnlyWhenLost,

    /// <summary>Nothing is given out in an epoch that its database does not know.</summary>
    BegunInAStoredEpoch,

    /// <summary>In the end the group has committed what is stored, which is all that Kafka's tools see.</summary>
    CommitFollows,

    /// <summary>In the end every order is acknowledged and everything is handled; where a rewind is lost, its partition says so.</summary>
    Progress,
}
