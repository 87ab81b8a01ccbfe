using System.Numerics;

namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>Says what of a partition may be committed: everything before the first record that is not done. Pure.</summary>
/// <remarks>
/// Records are taken in the order of their offsets and may be done in any order: a ring of bits, from the first record that is not done. Between offsets there
/// may be holes, which compaction and Kafka's own records leave; they are kept beside the ring, so that it needs one bit for each record and not for each offset.
/// </remarks>
internal sealed class OffsetTracker
{
    private const int WordBits = 64;

    private readonly Queue<(long Ticket, long Offset)> _jumps = new();
    private ulong[] _done = new ulong[1];
    private long _first;
    private long _next;
    private long _offsetOfTicketZero;

    /// <summary>Gets the offset after the last record before which all are done; <see langword="null"/> while there is none.</summary>
    public long? Committable => _first == 0 ? null : _first + _offsetOfTicketZero;

    /// <summary>Gets the offset of the last record taken; -1 while there is none.</summary>
    public long LastTaken { get; private set; } = -1;

    /// <summary>Gets how many records hold the commit back, or wait behind one that does.</summary>
    public int Pending => (int)(_next - _first);

    /// <summary>Gets the ticket of the first record that is not done.</summary>
    public long First => _first;

    /// <summary>Takes a record.</summary>
    /// <param name="offset">Its offset, beyond <see cref="LastTaken"/>.</param>
    /// <returns>The ticket to complete it with.</returns>
    public long Take(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(offset, LastTaken);

        if (Pending == _done.Length * WordBits)
        {
            Grow();
        }

        if (offset != LastTaken + 1)
        {
            _jumps.Enqueue((_next, offset));
        }

        LastTaken = offset;
        return _next++;
    }

    /// <summary>Says that a record is done. Saying it again changes nothing.</summary>
    /// <param name="ticket">What <see cref="Take"/> returned.</param>
    public void Complete(long ticket)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ticket, _next);

        if (ticket < _first)
        {
            return;
        }

        _done[WordOf(ticket)] |= 1UL << (int)(ticket % WordBits);

        if (ticket == _first)
        {
            Advance();
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

    private void Advance()
    {
        while (true)
        {
            var (word, bit) = (WordOf(_first), (int)(_first % WordBits));
            var run = BitOperations.TrailingZeroCount(~(_done[word] >> bit));

            // Whoever takes these places next finds them not done.
            _done[word] &= ~(Ones(run) << bit);
            _first += run;

            if (bit + run < WordBits)
            {
                break;
            }
        }

        while (_jumps.TryPeek(out var jump) && jump.Ticket < _first)
        {
            _offsetOfTicketZero = jump.Offset - jump.Ticket;
            _jumps.Dequeue();
        }
    }

    private static ulong Ones(int count) => count == WordBits ? ulong.MaxValue : (1UL << count) - 1;

    private int WordOf(long ticket) => (int)(ticket / WordBits % _done.Length);

    // Words keep their order from that of the first record on; a ring that is full may end in the word in which it begins.
    private void Grow()
    {
        var old = _done;
        var ring = new ulong[old.Length * 2];

        for (var ticket = _first; ticket < _next; ticket++)
        {
            var bit = (int)(ticket % WordBits);
            ring[ticket / WordBits % ring.Length] |= ((old[ticket / WordBits % old.Length] >> bit) & 1) << bit;
        }

        _done = ring;
    }
}
