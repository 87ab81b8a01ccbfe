namespace Messaging.Patterns.EventSourcing.Copying.Protocol;

/// <summary>The appends that have been read and are not all in the target yet: one of each stream is under way, so that a stream keeps its order. Pure.</summary>
/// <param name="start">The place that was begun behind.</param>
internal sealed class CopyWindow(Position start)
{
    private readonly Queue<CopiedAppend> _inOrder = new();
    private readonly Dictionary<StreamId, Queue<CopiedAppend>> _waiting = [];

    /// <summary>Gets the place in the source up to which everything is in the target: where a copy can go on, also after a crash.</summary>
    /// <remarks>What is copied beyond it is met again, and recognised. So a place that is remembered late, or not at all, costs time and nothing else.</remarks>
    public Position Position { get; private set; } = start;

    /// <summary>Takes the next append of the feed.</summary>
    /// <returns>Whether it may be made now; otherwise <see cref="Complete"/> returns it when it may.</returns>
    public bool TryBegin(CopiedAppend append)
    {
        _inOrder.Enqueue(append);

        if (_waiting.TryGetValue(append.Stream, out var chain))
        {
            chain.Enqueue(append);
            return false;
        }

        _waiting.Add(append.Stream, new Queue<CopiedAppend>());
        return true;
    }

    /// <summary>Takes note that the target has an append, and returns the next one of its stream, which may be made now.</summary>
    public CopiedAppend? Complete(CopiedAppend append)
    {
        append.IsDone = true;

        while (_inOrder.TryPeek(out var first) && first.IsDone)
        {
            Position = Position.Merge(_inOrder.Dequeue().Position);
        }

        if (_waiting[append.Stream].TryDequeue(out var next))
        {
            return next;
        }

        _waiting.Remove(append.Stream);
        return null;
    }
}
