namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>What histories must reach, lest they prove little.</summary>
public enum RelayHappening
{
    Refused,
    Unknown,
    Repeated,
    Replayed,
    Crashed,
    Paused,
    LeaseLost,
    LateRowRead,
    HeldBack,
    AnswerOfDatabaseLost,
    SentTogether,
    Aborted,
    Fenced,
    CommitUnknown,
    CommittedLate,
    KnownFromNote,
    ReadAnew,
    DatabaseRestarted,
    DeletionTakenBack,
    CommitTakenBack,
}
