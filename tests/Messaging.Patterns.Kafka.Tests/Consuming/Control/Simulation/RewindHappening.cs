namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

/// <summary>What histories must reach, so that the invariants say something.</summary>
internal enum RewindHappening
{
    Rewound,
    SetAgainByTheNextOwner,
    RewoundDuringARewind,
    AskedWhileNobodyOwned,
    Moved,
    Expelled,
    Crashed,
    CrashedBetweenSetAndAcknowledged,
    AcknowledgedLate,
    CommitUnderWayAtARevoke,
    CommitOfAnExpelled,
    CommitInDoubt,
    HandledLate,
    ProjectionRefused,
    Compacted,
    Rested,
    PassedOver,
    Replayed,
}
