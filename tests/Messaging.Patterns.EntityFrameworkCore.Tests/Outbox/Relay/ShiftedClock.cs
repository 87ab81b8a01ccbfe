namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>The clock of a host that was set wrong.</summary>
internal sealed class ShiftedClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
