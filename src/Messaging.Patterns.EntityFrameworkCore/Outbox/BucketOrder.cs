using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.ValueGeneration;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>
/// Temporary numbers that put the rows of one SaveChanges in the order in which they are to be inserted: by bucket, then as they were added. Entity Framework
/// Core inserts the rows of a table in the order of their keys, temporary ones too; so all transactions lock buckets in the same order, and no two of them
/// wait for each other.
/// </summary>
internal sealed class BucketOrder : ValueGenerator<long>
{
    private const int CounterBits = 48;
    private static long _added;

    public override bool GeneratesTemporaryValues => true;

    public override long Next(EntityEntry entry)
    {
        var bucket = ((OutboxMessage)entry.Entity).Bucket;
        return long.MinValue + ((long)bucket << CounterBits) + (Interlocked.Increment(ref _added) & ((1L << CounterBits) - 1));
    }
}
