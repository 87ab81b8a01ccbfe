using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

/// <summary>A writer whose effects are recorded, and shorthands to feed it.</summary>
internal sealed class WriterHarness : IWriterEffects
{
    public const int Partitions = 3;
    public static readonly StreamKey Account = new(1);
    private readonly Dictionary<Append, AppendDecision> _decisions = [];

    public WriterHarness(int windowCapacity = AppendWindow.DefaultCapacity)
        : this(new PartitionFold(Partitions, windowCapacity))
    {
    }

    public WriterHarness(PartitionFold fold, int keptWhileResting = OffsetClaims.Kept) =>
        (Fold, Writer) = (fold, new PartitionWriter(fold, this, keptWhileResting));

    public PartitionFold Fold { get; }

    public PartitionWriter Writer { get; }

    public List<Attempt> Produced { get; } = [];

    /// <summary>Gets what a store was told, in order.</summary>
    public List<(long Offset, FrameHeader Frame, bool IsAccepted)> Folds { get; } = [];

    public List<Append> EndQueries { get; } = [];

    public List<Append> Retries { get; } = [];

    public List<StreamYield> Yields { get; } = [];

    public ProtocolFault? Fault { get; private set; }

    public Attempt LastProduced => Produced[^1];

    public static AppendId Id(int number) => new(new Guid(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));

    public static FrameHeader Frame(int id, long firstVersion, int count = 1, long @base = 0) => new(Account, Id(id), firstVersion, count, @base, Partitions);

    public Append Submit(int id, ExpectedVersion expected = default, int count = 1)
    {
        var append = new Append(Account, Id(id), expected, count);
        Writer.Submit(append);
        return append;
    }

    public Append Resolve(int id, in AppendDecision unknown, bool hasFrame = true)
    {
        var append = new Append(new AppendKey(Account, Id(id)), unknown.FirstVersion, 1, unknown.Base) { HasFrame = hasFrame };
        Writer.Submit(append);
        return append;
    }

    /// <summary>Lets the tail deliver frames of others until the stream is at a version.</summary>
    public void OthersAppend(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Writer.TailRecord(Writer.Position, Frame(1_000_000 + (int)Writer.Position, Fold.Versions[Account] + 1, @base: Writer.Position));
        }
    }

    public bool IsDecided(Append append) => _decisions.ContainsKey(append);

    public AppendDecision DecisionOf(Append append) => _decisions[append];

    public DecisionKind KindOf(Append append) => _decisions[append].Kind;

    void IWriterEffects.Produce(Attempt attempt) => Produced.Add(attempt);

    void IWriterEffects.Folded(long offset, in FrameHeader frame, bool isAccepted, Attempt? own) => Folds.Add((offset, frame, isAccepted));

    void IWriterEffects.Complete(Append append, in AppendDecision decision) => _decisions.Add(append, decision);

    void IWriterEffects.QueryEnd(Append append) => EndQueries.Add(append);

    void IWriterEffects.RetryLater(Append append) => Retries.Add(append);

    void IWriterEffects.Yield(StreamYield yield) => Yields.Add(yield);

    void IWriterEffects.Stop(ProtocolFault fault) => Fault = fault;
}
