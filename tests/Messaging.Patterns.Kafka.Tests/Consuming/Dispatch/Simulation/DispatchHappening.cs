namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

/// <summary>What histories must reach for their invariants to mean anything.</summary>
internal enum DispatchHappening
{
    HandledTogether,
    SideBySide,
    PassedOver,
    Failed,
    Refused,
    Revoked,
    LeftWithHandlersRunning,
    Lost,
    DoneLate,
    CancelledOnLeaving,
    Crashed,
    Paused,
    Resumed,
    Lingered,
    MoreWorkers,
    FewerWorkers,
    Committed,
    CommittedBehindAGap,
    HandledAgain,
}
