namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Says what of a partition may be committed: everything before the first record that is not done. Pure.</summary>
/// <remarks>Records are taken in the order of their offsets and may be done in any order. Between offsets there may be holes.</remarks>
internal sealed class OffsetTracker
{
    private const int InitialCapacity = 16;

    // A ring of the records from the first that is not done; of those that are done, the complement of the offset.
    private long[] _ring = new long[InitialCapacity];
    private long _first;
    private long _next;

    /// <summary>Gets the offset after the last record before which all are done; <see langword="null"/> while there is none.</summary>
    public long? Committable { get; private set; }

    /// <summary>Gets the offset of the last record taken; -1 while there is none.</summary>
    public long LastTaken { get; private set; } = -1;

    /// <summary>Gets how many records hold the commit back, or wait behind one that does.</summary>
    public int Pending => (int)(_next - _first);

    /// <summary>Takes a record.</summary>
    /// <param name="offset">Its offset, beyond <see cref="LastTaken"/>.</param>
    /// <returns>The ticket to complete it with.</returns>
    public long Take(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(offset, LastTaken);

        if (Pending == _ring.Length)
        {
            Grow();
        }

        LastTaken = offset;
        _ring[Index(_next)] = offset;
        return _next++;
    }

    /// <summary>Says that a record is done. Saying it again changes nothing.</summary>
    /// <param name="ticket">What <see cref="Take"/> returned.</param>
    public void Complete(long ticket)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ticket, _next);

        if (ticket < _first || _ring[Index(ticket)] < 0)
        {
            return;
        }

        _ring[Index(ticket)] = ~_ring[Index(ticket)];

        while (_first < _next && _ring[Index(_first)] is < 0 and var done)
        {
            Committable = ~done + 1;
            _first++;
        }
    }

    /// <summary>Says that there is nothing to handle before an offset, beyond what was taken: the end of the partition, or records that only Kafka sees.</summary>
    public void SkipTo(long next)
    {
        if (next - 1 > LastTaken)
        {
            Complete(Take(next - 1));
        }
    }

    private int Index(long ticket) => (int)(ticket & (_ring.Length - 1));

    private void Grow()
    {
        var old = _ring;
        _ring = new long[old.Length * 2];

        for (var ticket = _first; ticket < _next; ticket++)
        {
            _ring[Index(ticket)] = old[(int)(ticket & (old.Length - 1))];
        }
    }
}
