namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>The partition as its present leader holds it.</summary>
internal sealed class SimLog
{
    private readonly List<SimRecord> _records = [];

    // Where the records of each leader's time begin.
    private readonly List<long> _epochs = [0];

    public int Count => _records.Count;

    public IReadOnlyList<SimRecord> Records => _records;

    public SimRecord this[long offset] => _records[(int)offset];

    public long Append(in SimRecord record)
    {
        _records.Add(record with { Epoch = _epochs.Count - 1 });
        return _records.Count - 1;
    }

    /// <summary>Returns the records before the first that nobody folds: a frame that was chosen on more than lies before it.</summary>
    public IReadOnlyList<SimRecord> Readable()
    {
        for (var offset = 0; offset < _records.Count; offset++)
        {
            if (_records[offset].Frame?.Base > offset)
            {
                return _records.GetRange(0, offset);
            }
        }

        return _records;
    }

    /// <summary>Returns where the records of a leader's time, and of those before, end.</summary>
    public long EndOf(int epoch) => epoch + 1 < _epochs.Count ? _epochs[epoch + 1] : _records.Count;

    /// <summary>Loses everything from an offset on; another leader begins there.</summary>
    public void Lose(long from)
    {
        _records.RemoveRange((int)from, _records.Count - (int)from);
        _epochs.Add(from);
    }
}
