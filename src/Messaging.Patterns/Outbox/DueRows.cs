namespace Messaging.Patterns.Outbox;

/// <summary>What became of delayed rows.</summary>
/// <param name="Moved">How many took their place.</param>
/// <param name="Next">In how long the next one is due; <see langword="null"/> if none is left.</param>
internal sealed record DueRows(int Moved, TimeSpan? Next);
