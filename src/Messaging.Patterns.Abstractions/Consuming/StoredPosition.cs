namespace Messaging.Patterns.Consuming;

/// <summary>How far a projection got in a partition.</summary>
/// <param name="Next">The offset of the record after the last one that it holds.</param>
/// <param name="Epoch">The epoch of the rewind that holds, 0 when there was none: <see cref="EventContext.Epoch"/>.</param>
public sealed record StoredPosition(long Next, long Epoch);
