namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>A first-in-first-out line of appends from which any can leave at once. An append stands in one line at most.</summary>
internal sealed class AppendList
{
    private Append? _last;

    public Append? First { get; private set; }

    public bool IsEmpty => First is null;

    public void AddLast(Append append)
    {
        append.Previous = _last;
        append.Next = null;

        if (_last is null)
        {
            First = append;
        }
        else
        {
            _last.Next = append;
        }

        _last = append;
    }

    public void AddFirst(Append append)
    {
        append.Previous = null;
        append.Next = First;

        if (First is null)
        {
            _last = append;
        }
        else
        {
            First.Previous = append;
        }

        First = append;
    }

    public void Remove(Append append)
    {
        if (append.Previous is null)
        {
            First = append.Next;
        }
        else
        {
            append.Previous.Next = append.Next;
        }

        if (append.Next is null)
        {
            _last = append.Previous;
        }
        else
        {
            append.Next.Previous = append.Previous;
        }

        append.Previous = append.Next = null;
    }

    public Append? TakeFirst()
    {
        var first = First;

        if (first is not null)
        {
            Remove(first);
        }

        return first;
    }
}
