namespace Messaging.Patterns.Outbox;

/// <summary>An event in an outbox that can never be sent as it is.</summary>
/// <param name="Id">The number by which it is skipped.</param>
/// <param name="Topic">The topic that it is for.</param>
/// <param name="Key">Its key. The events of the key that were added later wait behind it, unless <see cref="RefusedRows.SetAside"/> is chosen.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Attempts">How many times it was sent.</param>
/// <param name="ParkedAt">When it was parked, by the clock of the database.</param>
public sealed record ParkedEvent(long Id, string Topic, string Key, string? Reason, int Attempts, DateTimeOffset ParkedAt);
