namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>Bounds what a member holds in memory, by count and by bytes. Pure.</summary>
/// <remarks>
/// One half is divided evenly among the partitions, the other half is for whoever needs it. So a partition whose records wait cannot take the room of the
/// others, and a partition that is alone in having work has more than half of everything. Every partition has room for one record, however many there are.
/// </remarks>
internal sealed class BufferBudget
{
    private const int Whole = 8;

    private readonly HashSet<BufferShare> _shares = [];
    private readonly long _maxRecords;
    private readonly long _maxBytes;
    private readonly long _commonRecordsLimit;
    private readonly long _commonBytesLimit;
    private long _ownRecordsLimit;
    private long _ownBytesLimit;
    private long _commonRecords;
    private long _commonBytes;

    /// <summary>Makes a budget.</summary>
    /// <param name="maxRecords">How many records are held.</param>
    /// <param name="maxBytes">How many bytes are held.</param>
    public BufferBudget(int maxRecords, long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        (_maxRecords, _maxBytes) = (maxRecords, maxBytes);
        (_commonRecordsLimit, _commonBytesLimit) = (maxRecords / 2, maxBytes / 2);
        Divide();
    }

    /// <summary>Gets how many records are held.</summary>
    public int Records { get; private set; }

    /// <summary>Gets how many bytes are held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets or sets how many of the records may be given out now.</summary>
    public int Ready { get; set; }

    /// <summary>A partition comes.</summary>
    public void Join(BufferShare share)
    {
        _shares.Add(share);
        Divide();
    }

    /// <summary>A partition leaves, with everything that it holds.</summary>
    public void Leave(BufferShare share)
    {
        if (_shares.Remove(share))
        {
            (Records, Bytes) = (Records - share.Records, Bytes - share.Bytes);
            Divide();
        }
    }

    /// <summary>Returns whether a partition may take one more record.</summary>
    public bool CanTake(BufferShare share) => IsBelow(share, Whole);

    /// <summary>Returns whether so much is free that waking somebody for it pays.</summary>
    public bool HasRoom(BufferShare share) => IsBelow(share, Whole - 1);

    /// <summary>Returns whether half is free.</summary>
    public bool IsHalfFree(BufferShare share) => IsBelow(share, Whole / 2);

    /// <summary>A record is held.</summary>
    public void Take(BufferShare share, int bytes) => Change(share, 1, bytes);

    /// <summary>Records are not held any more.</summary>
    public void Release(BufferShare share, int records, long bytes)
    {
        if (_shares.Contains(share))
        {
            Change(share, -records, -bytes);
        }
    }

    private bool IsBelow(BufferShare share, int eighths)
    {
        return (IsFree(share.Records, _ownRecordsLimit) || IsFree(_commonRecords, _commonRecordsLimit))
            && (IsFree(share.Bytes, _ownBytesLimit) || IsFree(_commonBytes, _commonBytesLimit));

        bool IsFree(long used, long limit) => used < limit && used <= limit / Whole * eighths + (limit % Whole * eighths / Whole);
    }

    private void Change(BufferShare share, int records, long bytes)
    {
        _commonRecords -= Math.Max(0, share.Records - _ownRecordsLimit);
        _commonBytes -= Math.Max(0, share.Bytes - _ownBytesLimit);
        (share.Records, share.Bytes) = (share.Records + records, share.Bytes + bytes);
        (Records, Bytes) = (Records + records, Bytes + bytes);
        _commonRecords += Math.Max(0, share.Records - _ownRecordsLimit);
        _commonBytes += Math.Max(0, share.Bytes - _ownBytesLimit);
    }

    private void Divide()
    {
        var partitions = Math.Max(1, _shares.Count);
        _ownRecordsLimit = Math.Max(1, (_maxRecords - _commonRecordsLimit) / partitions);
        _ownBytesLimit = Math.Max(1, (_maxBytes - _commonBytesLimit) / partitions);
        _commonRecords = _shares.Sum(share => Math.Max(0, share.Records - _ownRecordsLimit));
        _commonBytes = _shares.Sum(share => Math.Max(0, share.Bytes - _ownBytesLimit));
    }
}
