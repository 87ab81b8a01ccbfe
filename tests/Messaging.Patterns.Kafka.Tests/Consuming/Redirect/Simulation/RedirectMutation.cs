namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;

/// <summary>A rule of redirecting that the simulated owners break on purpose.</summary>
internal enum RedirectMutation
{
    None,
    SetIsNotRebuilt,
    LaterRecordsStay,
    FreedWithoutRelease,
    ClaimIsNotCommitted,
    CommitBeforeStored,
    SupersededAreKept,
    FormerOwnersCount,
    LowIsTooHigh,
}
