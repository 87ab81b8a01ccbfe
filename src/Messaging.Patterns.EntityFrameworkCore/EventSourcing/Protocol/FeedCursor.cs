namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;

/// <summary>
/// Where a read of the feed has got to, and how far it may go. A transaction that commits late can bring a number below what is visible already: whoever reads on
/// from the highest number misses it. Pure.
/// </summary>
/// <remarks>
/// <para>
/// Numbers grow, and each is drawn by a transaction that has its id already. So a transaction that had none yet when a snapshot was taken draws a number above all
/// that the snapshot shows. A fence is an id that is given out afterwards: all who had one before have smaller ones. Once these have ended, which the horizon
/// of a later snapshot tells, the numbers that were visible have no more gaps to be filled: what is not there was rolled back.
/// </para>
/// <para>
/// Reading in the order of numbers keeps the order of streams, since appends to a stream wait for each other before they draw.
/// </para>
/// </remarks>
/// <param name="next">The number to begin with.</param>
/// <param name="isFollowing">Whether the read goes on with what is appended after its first snapshot.</param>
internal sealed class FeedCursor(long next, bool isFollowing)
{
    // Under constant load fences pass one by one; while one transaction holds all of them back, more of them would tell nothing.
    private const int MostFences = 64;

    private readonly Queue<Fence> _fences = new();
    private long _highest;
    private long _final;
    private long? _end = isFollowing ? long.MaxValue : null;

    /// <summary>Gets the next number to read.</summary>
    public long Next { get; private set; } = next;

    /// <summary>Gets the last number that can be read now; less than <see cref="Next"/> if there is none.</summary>
    public long Last => Math.Min(_final, _end ?? 0);

    /// <summary>Gets up to which number a snapshot tells nothing new by what is visible.</summary>
    public long Known => _fences.Count < MostFences ? _highest : long.MaxValue;

    /// <summary>Gets whether everything is read.</summary>
    public bool IsAtEnd => Next > _end;

    /// <summary>Gets whether something is visible that must not be read yet.</summary>
    public bool IsHeldBack => _fences.Count > 0 && Next > Last && !IsAtEnd;

    /// <summary>Takes note of a snapshot, later than all before.</summary>
    public void Observe(FeedSnapshot snapshot)
    {
        _end ??= snapshot.Highest;

        if (snapshot.Highest > Known)
        {
            _fences.Enqueue(new(snapshot.Highest, snapshot.Next));
            _highest = snapshot.Highest;
        }

        while (_fences.TryPeek(out var fence) && snapshot.Oldest >= fence.Next)
        {
            _final = fence.Number;
            _fences.Dequeue();
        }
    }

    /// <summary>Takes note that everything up to <see cref="Last"/> is read.</summary>
    public void Read() => Next = Math.Max(Next, Last + 1);

    /// <param name="Number">The number that becomes final.</param>
    /// <param name="Next">The transaction before which all must have ended.</param>
    private readonly record struct Fence(long Number, ulong Next);
}
