using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

/// <summary>A projection that keeps its position in its own storage, guarded by the epoch: each method is one transaction.</summary>
internal sealed class SimProjection
{
    public long Position { get; private set; }

    public long Epoch { get; private set; } = -1;

    public StoredPosition Stored => new(Position, Math.Max(0, Epoch));

    /// <summary>An event is applied: <see langword="null"/> if it is refused, for it is not of the epoch that holds; whether it was new.</summary>
    public bool? Apply(long offset, long epoch)
    {
        if (epoch != Epoch)
        {
            return null;
        }

        if (offset < Position)
        {
            return false;
        }

        Position = offset + 1;
        return true;
    }

    /// <summary>A record is passed over.</summary>
    public void Advance(long next, long epoch) => Position = epoch == Epoch ? Math.Max(Position, next) : Position;

    /// <summary>It is rewound. Returns whether that changed something.</summary>
    public bool Rewind(long target, long epoch)
    {
        if (epoch <= Epoch)
        {
            return false;
        }

        (Position, Epoch) = (target, epoch);
        return true;
    }
}
