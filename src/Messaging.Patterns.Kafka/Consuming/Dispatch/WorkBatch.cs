namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>Records of one partition that are given out together, in the order of their offsets. A worker uses one again and again.</summary>
internal sealed class WorkBatch<TRecord>
{
    private static readonly Comparison<(KeyChain<TRecord> Chain, TakenRecord<TRecord> Taken)> ByOffset = (one, other) => one.Taken.Offset.CompareTo(other.Taken.Offset);

    private readonly List<(KeyChain<TRecord> Chain, TakenRecord<TRecord> Taken)> _entries = [];
    private PartitionDispatch<TRecord>? _partition;

    /// <summary>Gets the partition.</summary>
    public PartitionDispatch<TRecord> Partition => _partition ?? throw new InvalidOperationException("Nothing was given out.");

    /// <summary>Gets how many records it holds.</summary>
    public int Count => _entries.Count;

    /// <summary>Returns a record.</summary>
    public TakenRecord<TRecord> this[int index] => _entries[index].Taken;

    /// <summary>Returns the chain that a record comes from.</summary>
    public KeyChain<TRecord> ChainOf(int index) => _entries[index].Chain;

    public void Begin(PartitionDispatch<TRecord> partition)
    {
        _entries.Clear();
        _partition = partition;
    }

    public void Add(KeyChain<TRecord> chain, in TakenRecord<TRecord> taken) => _entries.Add((chain, taken));

    /// <summary>Puts the records of several chains into the order of offsets, which keeps that of each chain.</summary>
    public void Sort() => _entries.Sort(ByOffset);

    /// <summary>Forgets the records, so that they are not kept while the worker rests.</summary>
    public void Clear()
    {
        _entries.Clear();
        _partition = null;
    }
}
