namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

/// <summary>A rule of dispatching that the simulated members break on purpose.</summary>
internal enum DispatchMutation
{
    None,
    GivenOutIsDone,
    FailureIsDone,
    CancellationIsDone,
    KeysAreIgnored,
    JudgedOutOfOrder,
    DrainedPartitionGivesOut,
    LostPartitionIsCommitted,
    FormerAssignmentGoesOn,
    StopDropsTheCommit,
    BudgetIsIgnored,
    WorkIsNotAnnounced,
    WorkersAreNotFollowed,
    TimeIsNotWatched,
    PausedStaysPaused,
    ConcurrencyIsIgnored,
    OtherKeysAreDropped,
    NotSetAsideIsDone,
    FailureIsTriedAtOnce,
    InnocentsFailToo,
    PatienceIsEndless,
    ParkedIsUnbounded,
    SpanIsIgnored,
}
