using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>The tables of an inbox, with a transaction's locks as PostgreSQL holds them; each method is one statement. Checks what commits.</summary>
internal sealed class SimInbox(PositionWorld world)
{
    private readonly List<SimHandling> _open = [];
    private Dictionary<string, (long Offset, long Epoch)> _marks = [];

    public StoredPosition? Position { get; private set; }

    /// <summary>Gets what took effect, in the order of the commits.</summary>
    public List<(string Id, long Offset, long Epoch)> Effects { get; private set; } = [];

    /// <summary>Gets what was cleaned up at some time: it gets no copies any more.</summary>
    public HashSet<string> Forgotten { get; } = [];

    /// <summary>Writes down that an event is handled. Returns whether it is done: another transaction may have to end before.</summary>
    public bool TryTake(SimHandling handling)
    {
        if (world.HasMarks)
        {
            var isHeld = _open.Exists(other => other.Id == handling.Id);
            world.Count(PositionHappening.HandledByTwo, isHeld);

            if (isHeld)
            {
                return false;
            }

            var isThere = _marks.TryGetValue(handling.Id, out var mark);
            handling.IsKnown = isThere && !(mark.Epoch < handling.Epoch && mark.Offset == handling.Offset);
            world.Count(PositionHappening.CopyKnown, handling.IsKnown && mark.Offset != handling.Offset);
        }
        else if (Position?.Epoch != handling.Epoch)
        {
            handling.Step = SimHandlingStep.Refused;
            return true;
        }
        else
        {
            handling.IsKnown = handling.Offset < Position.Next;
        }

        handling.Step = SimHandlingStep.Taken;
        _open.Add(handling);
        return true;
    }

    /// <summary>Compares the epoch, or moves the position, as the last statement. Returns whether it is done.</summary>
    public bool TryKeep(SimHandling handling)
    {
        if (!world.HasMarks && _open.Exists(other => other != handling && other.HoldsEpoch))
        {
            return false;
        }

        if (Position is not null && Position.Epoch != handling.Epoch)
        {
            world.Count(PositionHappening.Refused);
            End(handling, SimHandlingStep.Refused);
        }
        else if (!world.HasMarks && handling.Offset < Position!.Next)
        {
            world.Count(PositionHappening.Repeated);
            End(handling, SimHandlingStep.Waiting);
        }
        else
        {
            (handling.Step, handling.HoldsEpoch) = (SimHandlingStep.Kept, Position is not null);
        }

        return true;
    }

    public void Commit(SimHandling handling)
    {
        End(handling, SimHandlingStep.Committed);

        if (handling.IsKnown)
        {
            return;
        }

        if (Position is { } position && position.Epoch != handling.Epoch)
        {
            world.Violate(PositionInvariant.NothingOfAFormerEpoch, $"{handling.Id} of epoch {handling.Epoch} commits in epoch {position.Epoch}");
        }

        if (Effects.Exists(effect => effect.Id == handling.Id && effect.Epoch == handling.Epoch))
        {
            world.Violate(PositionInvariant.OnceInAnEpoch, $"{handling.Id} commits twice in epoch {handling.Epoch}");
        }

        if (_marks.TryGetValue(handling.Id, out var mark) && mark.Offset != handling.Offset)
        {
            world.Violate(PositionInvariant.CopiesStayKnown, $"{handling.Id} of {mark.Offset} commits from {handling.Offset}");
        }

        world.Note($"commits {handling.Id} from {handling.Offset} in epoch {handling.Epoch}");
        Effects.Add((handling.Id, handling.Offset, handling.Epoch));

        if (world.HasMarks)
        {
            _marks[handling.Id] = (handling.Offset, handling.Epoch);
        }
        else
        {
            Set(new StoredPosition(handling.Offset + 1, handling.Epoch));
        }
    }

    /// <summary>A transaction ends without a commit.</summary>
    public void RollBack(SimHandling handling) => End(handling, SimHandlingStep.Waiting);

    /// <summary>Sets the position if its epoch is newer, or there is none. Returns what is stored, <see langword="null"/> while it waits for transactions that keep the epoch.</summary>
    public StoredPosition? TryRewind(StoredPosition position)
    {
        if (_open.Exists(handling => handling.HoldsEpoch))
        {
            world.Count(PositionHappening.RewindWaitedForACommit);
            return null;
        }

        if (Position is null || Position.Epoch < position.Epoch)
        {
            world.SetBy(position);
            Set(position);
        }

        return Position;
    }

    /// <summary>Lets the position follow a commit.</summary>
    public void Follow(StoredPosition position)
    {
        var follows = Position?.Epoch == position.Epoch && Position.Next < position.Next;
        world.Count(follows ? PositionHappening.Followed : PositionHappening.FollowedTooLate, follows || Position?.Epoch != position.Epoch);

        if (follows || Position is null)
        {
            Set(position);
        }
    }

    /// <summary>Forgets what cannot come again: what lies before the position, whose copies do too, and that nobody has in hand.</summary>
    public void CleanUp(Func<string, bool> mayCome)
    {
        var old = _marks.Where(mark => mark.Value.Offset < Position?.Next && !mayCome(mark.Key)).Select(mark => mark.Key).ToList();
        old.ForEach(id => _marks.Remove(id));
        Forgotten.UnionWith(old);
        world.Count(PositionHappening.CleanedUp, old.Count > 0);
    }

    /// <summary>It crashes: transactions that are open are rolled back.</summary>
    public void Crash() => _open.ToList().ForEach(RollBack);

    /// <summary>Returns what sets it back to as it is now.</summary>
    public Action BackUp()
    {
        var (position, marks, effects) = (Position, new Dictionary<string, (long, long)>(_marks), Effects.ToList());
        return () =>
        {
            Crash();
            (Position, _marks, Effects) = (position, new(marks), [.. effects]);
        };
    }

    private void Set(StoredPosition position)
    {
        Position = position;
        world.Note($"is at {position.Next} of epoch {position.Epoch}");

        if (world.FindMissing(position.Next) is { } missing)
        {
            world.Violate(PositionInvariant.PositionNotAhead, $"it is at {position.Next} of epoch {position.Epoch}, and {missing} took no effect");
        }
    }

    private void End(SimHandling handling, SimHandlingStep step)
    {
        _open.Remove(handling);
        (handling.Step, handling.HoldsEpoch) = (step, false);
    }
}
