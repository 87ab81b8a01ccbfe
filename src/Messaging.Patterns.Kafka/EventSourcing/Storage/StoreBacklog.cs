namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>What a store was handed and has not committed yet: it is in memory, so it must not grow without a bound.</summary>
/// <remarks>
/// Appends are held back at half of the bound, the tail only at the whole: so the tail, for which appends may be waiting, finds room before more of them do.
/// What is added is never refused, so the bound is exceeded by the appends that were let in before it was reached, and by one record for each topic's tail.
/// </remarks>
/// <param name="maxRecords">The most records.</param>
/// <param name="maxBytes">The most bytes of keys and values.</param>
internal sealed class StoreBacklog(int maxRecords = StoreBacklog.DefaultRecords, long maxBytes = StoreBacklog.DefaultBytes)
{
    public const int DefaultRecords = 50_000;
    public const long DefaultBytes = 64 << 20;

    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private int _records;
    private long _bytes;
    private bool _isOpen;

    /// <summary>Gets or sets what is called, from any thread, when there is room for appends again.</summary>
    public Action? RoomMade { get; set; }

    /// <summary>Gets how many records wait.</summary>
    public int Records => Volatile.Read(ref _records);

    /// <summary>Gets how many bytes of keys and values wait.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Gets whether more appends may be let in.</summary>
    public bool HasRoomForAppends => Records < maxRecords / 2 && Bytes < maxBytes / 2;

    private bool HasRoom => _records < maxRecords && _bytes < maxBytes;

    public static long SizeOf(in FoldedRecord record) => record.Key.Length + record.Value.Count;

    public void Add(in FoldedRecord record)
    {
        lock (_gate)
        {
            if (!_isOpen)
            {
                _records++;
                _bytes += SizeOf(record);
            }
        }
    }

    /// <summary>Records are committed.</summary>
    public void Remove(int records, long bytes)
    {
        bool isRoomMade;

        lock (_gate)
        {
            var had = HasRoomForAppends;
            _records -= records;
            _bytes -= bytes;
            isRoomMade = !had && HasRoomForAppends;

            if (HasRoom)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }

        if (isRoomMade)
        {
            RoomMade?.Invoke();
        }
    }

    /// <summary>The store does not write any more: nothing is kept, and nobody has to wait.</summary>
    public void Open()
    {
        lock (_gate)
        {
            (_isOpen, _records, _bytes) = (true, 0, 0);
            _room?.TrySetResult();
            _room = null;
        }

        RoomMade?.Invoke();
    }

    /// <summary>Blocks until the bound is kept.</summary>
    public void Wait(CancellationToken cancellationToken)
    {
        Task room;

        lock (_gate)
        {
            if (HasRoom)
            {
                return;
            }

            room = (_room ??= new TaskCompletionSource()).Task;
        }

        room.Wait(cancellationToken);
    }
}
