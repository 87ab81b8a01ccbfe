namespace Messaging.Patterns.EventSourcing;

/// <summary>The result of an append that was accepted.</summary>
/// <param name="Version">The stream's version after the append: the version of its last event.</param>
/// <param name="Position">The place in the log up to and including the append; give it to a read with <see cref="ReadConsistency.Session"/> to see the append.</param>
public sealed record AppendResult(long Version, Position Position);
