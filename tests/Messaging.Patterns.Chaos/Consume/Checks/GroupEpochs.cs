using Messaging.Patterns.Chaos.Consume.History;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>A rewind that was carried out, or the beginning.</summary>
/// <param name="Number">Its number, 0 for the beginning.</param>
/// <param name="Target">The offset from which the group went on.</param>
internal readonly record struct Epoch(long Number, long Target);

/// <summary>The epochs of each partition, as the control topic tells them: those that an owner acknowledged.</summary>
internal sealed class GroupEpochs
{
    private readonly Dictionary<(string Group, int Partition), List<Epoch>> _epochs = [];
    private readonly HashSet<(string Group, int Partition, Epoch Epoch)> _ordered;
    private readonly ILookup<(string Group, int Partition, long Offset), long> _skips;

    public GroupEpochs(IReadOnlyList<ControlRecord> control)
    {
        _skips = control.Where(one => one.Kind == ControlRecord.Skip).ToLookup(one => (one.Group, one.Partition, one.Of), one => one.Epoch);
        _ordered = [.. control.Where(one => one.Kind == ControlRecord.Rewind).Select(one => (one.Group, one.Partition, new Epoch(one.Epoch, one.Value)))];
        var done = control.Where(one => one.Kind == ControlRecord.Done).Select(one => (one.Group, one.Partition, one.Value)).ToHashSet();

        foreach (var rewind in control.Where(one => one.Kind == ControlRecord.Rewind && done.Contains((one.Group, one.Partition, one.Epoch))))
        {
            ListOf(rewind.Group, rewind.Partition).Add(new(rewind.Epoch, rewind.Value));
        }
    }

    /// <summary>Returns the epochs of a partition, in their order.</summary>
    public IReadOnlyList<Epoch> Of(string group, int partition) => ListOf(group, partition);

    /// <summary>Returns whether a rewind was ordered, whether or not it was acknowledged before a later one took its place.</summary>
    public bool IsOrdered(string group, int partition, Epoch epoch) => _ordered.Contains((group, partition, epoch));

    /// <summary>Returns an epoch; <see langword="null"/> if the partition had none of that number.</summary>
    public Epoch? Find(string group, int partition, long number) => ListOf(group, partition) is var all && all.FindIndex(one => one.Number == number) is >= 0 and var at ? all[at] : null;

    /// <summary>Returns the last epoch in which a record had to be handled.</summary>
    public Epoch LastThatCovers(string group, int partition, long offset) => ListOf(group, partition).Last(one => one.Target <= offset);

    /// <summary>Returns whether a record may be passed over in an epoch, since that was asked after its rewind.</summary>
    public bool IsSkipped(string group, int partition, long offset, long epoch) =>
        _skips[(group, partition, offset)].Any(asked => asked > epoch);

    private List<Epoch> ListOf(string group, int partition)
    {
        if (!_epochs.TryGetValue((group, partition), out var list))
        {
            _epochs.Add((group, partition), list = [new(0, 0)]);
        }

        return list;
    }
}
