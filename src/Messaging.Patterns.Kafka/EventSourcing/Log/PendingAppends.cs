namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>The appends of a partition that wait for their answer, oldest first.</summary>
/// <remarks>Linked through the appends themselves: there are thousands, and every object more that lives as long as they do costs the garbage collector.</remarks>
internal sealed class PendingAppends
{
    private AppendOperation? _first;
    private AppendOperation? _last;

    public int Count { get; private set; }

    public void Add(AppendOperation append)
    {
        append.PendingBefore = _last;

        if (_last is null)
        {
            _first = append;
        }
        else
        {
            _last.PendingAfter = append;
        }

        _last = append;
        Count++;
    }

    public void Remove(AppendOperation append)
    {
        if (append.PendingBefore is { } before)
        {
            before.PendingAfter = append.PendingAfter;
        }
        else
        {
            _first = append.PendingAfter;
        }

        if (append.PendingAfter is { } after)
        {
            after.PendingBefore = append.PendingBefore;
        }
        else
        {
            _last = append.PendingBefore;
        }

        append.PendingBefore = append.PendingAfter = null;
        Count--;
    }

    /// <summary>Returns the appends whose time is up, and the earliest moment at which that of another will be.</summary>
    public (List<AppendOperation> Due, long NextDeadline) FindDue(long now)
    {
        var (due, next) = (new List<AppendOperation>(), long.MaxValue);

        for (var append = _first; append is not null; append = append.PendingAfter)
        {
            if (append.Deadline <= now)
            {
                due.Add(append);
            }
            else
            {
                next = Math.Min(next, append.Deadline);
            }
        }

        return (due, next);
    }
}
