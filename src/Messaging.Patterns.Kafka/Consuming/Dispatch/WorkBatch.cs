namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>Records of one partition that are given out together, in the order of their offsets. A worker uses one again and again.</summary>
internal sealed class WorkBatch<TRecord>
{
    private static readonly Comparison<(KeyChain<TRecord> Chain, TakenRecord<TRecord> Taken)> ByOffset = (one, other) => one.Taken.Offset.CompareTo(other.Taken.Offset);

    private readonly List<(KeyChain<TRecord> Chain, TakenRecord<TRecord> Taken)> _entries = [];
    private readonly List<WorkOutcome> _outcomes = [];
    private PartitionDispatch<TRecord>? _partition;

    /// <summary>Gets the partition.</summary>
    public PartitionDispatch<TRecord> Partition => _partition ?? throw new InvalidOperationException("Nothing was given out.");

    /// <summary>Gets how many records it holds.</summary>
    public int Count => _entries.Count;

    /// <summary>Returns a record.</summary>
    public TakenRecord<TRecord> this[int index] => _entries[index].Taken;

    /// <summary>Returns the chain that a record comes from.</summary>
    public KeyChain<TRecord> ChainOf(int index) => _entries[index].Chain;

    /// <summary>Gets what the records are given out for. What is not to be handled for the first time is given out alone.</summary>
    public WorkPurpose Purpose { get; set; }

    /// <summary>Gets whether all records are done, as far as is said.</summary>
    public bool IsDone { get; private set; } = true;

    public void Begin(PartitionDispatch<TRecord> partition)
    {
        Clear();
        _partition = partition;
    }

    /// <summary>Says that a record is not done.</summary>
    /// <param name="index">The record.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="again">The record as it comes again, with what is known of its failure.</param>
    public void SetNotDone(int index, WorkOutcome outcome, TRecord again)
    {
        IsDone = false;

        while (_outcomes.Count < _entries.Count)
        {
            _outcomes.Add(WorkOutcome.Done);
        }

        _outcomes[index] = outcome;
        _entries[index] = (_entries[index].Chain, _entries[index].Taken with { Record = again });
    }

    /// <summary>Takes back what was said: somebody else sees to what is not done.</summary>
    public void SetDone()
    {
        _outcomes.Clear();
        IsDone = true;
    }

    /// <summary>Returns what became of a record.</summary>
    public WorkOutcome OutcomeOf(int index) => IsDone ? WorkOutcome.Done : _outcomes[index];

    /// <summary>Returns the records of a chain that are not done, in their order.</summary>
    public IEnumerable<TakenRecord<TRecord>> NotDoneOf(KeyChain<TRecord> chain) =>
        _entries.Where((entry, index) => entry.Chain == chain && OutcomeOf(index) != WorkOutcome.Done).Select(entry => entry.Taken);

    /// <summary>Returns what became of the first record of a chain that is not done; that it is done, if there is none.</summary>
    public WorkOutcome FirstNotDoneOf(KeyChain<TRecord> chain) =>
        Enumerable.Range(0, Count).Where(index => _entries[index].Chain == chain).Select(OutcomeOf).FirstOrDefault(outcome => outcome != WorkOutcome.Done);

    public void Add(KeyChain<TRecord> chain, in TakenRecord<TRecord> taken) => _entries.Add((chain, taken));

    /// <summary>Puts the records of several chains into the order of offsets, which keeps that of each chain.</summary>
    public void Sort() => _entries.Sort(ByOffset);

    /// <summary>Forgets the records, so that they are not kept while the worker rests.</summary>
    public void Clear()
    {
        _entries.Clear();
        _outcomes.Clear();
        (_partition, Purpose, IsDone) = (null, WorkPurpose.Handle, true);
    }
}
