namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>The note that goes with a transaction, which names rows by their ids: a version, then how far each id is from the one before, in groups of seven bits, the lowest first.</summary>
internal static class CommittedRows
{
    private const byte Version = 1;
    private const int Bits = 7;
    private const byte More = 1 << Bits;

    /// <summary>Writes ids, which ascend.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<long> ids)
    {
        var (bytes, last) = (new List<byte> { Version }, 0L);

        foreach (var id in ids)
        {
            var distance = (ulong)(id - last);
            last = id;

            for (; distance >= More; distance >>= Bits)
            {
                bytes.Add((byte)(distance | More));
            }

            bytes.Add((byte)distance);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads the ids.</summary>
    /// <exception cref="FormatException">The bytes are not such a note.</exception>
    public static List<long> Read(ReadOnlySpan<byte> note)
    {
        if (note.IsEmpty || note[0] != Version)
        {
            throw new FormatException($"expected version {Version} of the ids of rows, found {(note.IsEmpty ? "nothing" : $"version {note[0]}")}");
        }

        var (ids, last, distance, shift) = (new List<long>(), 0L, 0UL, 0);

        foreach (var one in note[1..])
        {
            distance |= (ulong)(one & (More - 1)) << shift;
            shift += Bits;

            if (one < More)
            {
                last += (long)distance;
                ids.Add(last);
                (distance, shift) = (0, 0);
            }
        }

        return shift == 0 ? ids : throw new FormatException("the last id of a row is cut off");
    }
}
