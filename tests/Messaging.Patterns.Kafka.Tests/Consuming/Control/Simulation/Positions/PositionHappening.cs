namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>What histories must reach, so that the invariants say something.</summary>
internal enum PositionHappening
{
    Placed,
    PlacedByAnother,
    LookedAgain,
    Rewound,
    SetAgainByTheNextOwner,
    CrashedBetweenSetAndCommit,
    CrashedBetweenCommitAndAcknowledgement,
    WentOnBehindTheCommit,
    WentOnAheadOfTheCommit,
    CommittedForAFormerOwner,
    CommitOfAStranger,
    RewindWaitedForACommit,
    HandledByTwo,
    Refused,
    Repeated,
    CopyKnown,
    Followed,
    FollowedTooLate,
    DatabaseCrashed,
    Restored,
    StoppedAsLost,
    Expelled,
    CleanedUp,
}
