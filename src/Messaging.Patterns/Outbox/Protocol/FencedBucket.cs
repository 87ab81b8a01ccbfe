namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>A bucket whose rows go in transactions under an id of its own.</summary>
internal sealed class FencedBucket
{
    public BucketState State { get; set; }

    /// <summary>Gets or sets under which opening it is: what is heard of an earlier one changes nothing any more.</summary>
    public int Session { get; set; }

    /// <summary>Gets or sets the last note that is known.</summary>
    public ReadOnlyMemory<byte> LastNote { get; set; }

    /// <summary>Gets or sets whether its rows are kept while it is closed: they are as they were unless somebody else has committed something.</summary>
    public bool IsKept { get; set; }

    /// <summary>Gets the rows that are committed and not known to be deleted.</summary>
    public SortedSet<long> Committed { get; } = [];

    /// <summary>Gets or sets the rows of the transaction that is under way.</summary>
    public IReadOnlySet<long> UnderWay { get; set; } = new HashSet<long>();

    /// <summary>Gets or sets how often it failed without a success in between.</summary>
    public int Failures { get; set; }

    /// <summary>Gets or sets before when nothing is tried.</summary>
    public TimeSpan RestsUntil { get; set; }
}
