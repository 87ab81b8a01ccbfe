using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>A partition's position where it is kept outside of Kafka, as its owner knows it: one assignment. Pure: it says what is to be done about it, and is told what was found.</summary>
/// <remarks>
/// The store decides where a group goes on, never its commit: data and position are of one transaction, or the position is older than the data. So what a restored backup does not
/// hold is handled again, and a commit that comes late moves nothing. A crash after any step leaves a position that the next owner finds.
/// </remarks>
/// <param name="follows">Whether the position follows the group's commit; else handlers write it, and only where they have handled something.</param>
internal sealed class PartitionPosition(bool follows)
{
    private StoredPosition? _stored;
    private long _lookedFor = -1;

    /// <summary>Gets the epoch of the last rewind that is stored, -1 for none.</summary>
    public long Epoch => _stored is { Epoch: > 0 } ? _stored.Epoch : -1;

    /// <summary>This is stored now, as somebody found or left it.</summary>
    public void Found(StoredPosition? stored) => _stored = stored;

    /// <summary>This is stored, as was looked once more.</summary>
    public void Looked(ControlStep.Look step, StoredPosition? stored) => (_lookedFor, _stored) = (step.Epoch, stored);

    /// <summary>Returns where the group goes on, <see langword="null"/> for the beginning.</summary>
    /// <param name="committed">What it has committed, <see langword="null"/> for nothing.</param>
    public long? From(long? committed) => _stored switch
    {
        null => committed,
        { Next: >= 0 } => _stored.Next,

        // Nothing was handled that the store knows of, whatever is committed meanwhile.
        _ => null,
    };

    /// <summary>Returns what is to be done before anything is given out; <see langword="null"/> if nothing is.</summary>
    /// <param name="epoch">The epoch that holds, 0 for none.</param>
    /// <param name="committed">What the group has committed, <see langword="null"/> for nothing.</param>
    public ControlStep? Before(long epoch, long? committed)
    {
        // Handlers compare their epoch with a row that is there, and that a rewind locks.
        if (_stored is null)
        {
            return follows ? new ControlStep.Place(new StoredPosition(committed ?? -1, epoch)) : null;
        }

        if (_stored.Epoch >= epoch)
        {
            return null;
        }

        // A former owner that went on may have set the position, and said so, between the look at the position and that at the control topic's end.
        return _lookedFor < epoch ? new ControlStep.Look(epoch)
            : follows ? new ControlStep.Lost(_stored, epoch)
            : null;
    }
}
