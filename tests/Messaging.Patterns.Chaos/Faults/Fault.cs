namespace Messaging.Patterns.Chaos.Faults;

/// <summary>A kind of fault.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Weight">How often it comes, relative to others.</param>
/// <param name="CauseAsync">Causes it, holds it for a while, and takes it back.</param>
internal sealed record Fault(string Name, int Weight, Func<FaultSite, Task> CauseAsync);

/// <summary>A fault that was caused.</summary>
/// <param name="Name">The kind of fault.</param>
/// <param name="Text">What it was.</param>
/// <param name="From">When it began, by the clock of <see cref="System.Diagnostics.Stopwatch"/>.</param>
/// <param name="To">When it was taken back.</param>
internal sealed record CausedFault(string Name, string Text, long From, long To);
