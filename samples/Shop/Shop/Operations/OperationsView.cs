namespace Shop.Operations;

/// <summary>How the table of balances stands.</summary>
/// <param name="HasBug">Whether its handler has the bug.</param>
/// <param name="Members">How many processes have partitions of it.</param>
/// <param name="Lag">How many events are not in it yet.</param>
/// <param name="LagSeconds">How old the oldest of them is, in seconds.</param>
/// <param name="Rewind">Its last rewind.</param>
public sealed record OperationsView(bool HasBug, int Members, long Lag, double LagSeconds, RewindView? Rewind);

/// <summary>A rewind.</summary>
/// <param name="Operation">Its id.</param>
/// <param name="IsDone">Whether every partition goes on from where it was sent.</param>
/// <param name="Progress">Which part of the events is handled again, from 0 to 1.</param>
public sealed record RewindView(string Operation, bool IsDone, double Progress);

/// <summary>The answer to a rewind that was ordered.</summary>
/// <param name="Operation">Its id.</param>
/// <param name="Repeated">How many events are handled again.</param>
public sealed record RewindAccepted(string Operation, long Repeated);
