namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>The ranges of buckets that instances of the relay divide among each other: 32 of 32 buckets each.</summary>
internal static class BucketSlots
{
    /// <summary>The number of ranges, and the most instances that have something to do.</summary>
    public const int Count = 32;

    /// <summary>By how many bits a bucket is shifted to get its range.</summary>
    public const int Shift = 5;

    public static int Of(int bucket) => bucket >> Shift;
}
