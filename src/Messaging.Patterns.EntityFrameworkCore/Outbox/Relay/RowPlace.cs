namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Where a row of the outbox belongs.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Bucket">The bucket of its key, 0 to 1023.</param>
/// <param name="Key">Its key.</param>
/// <param name="IsHeldBack">Whether a row of the key is parked.</param>
internal readonly record struct RowPlace(long Id, int Bucket, string Key, bool IsHeldBack);
