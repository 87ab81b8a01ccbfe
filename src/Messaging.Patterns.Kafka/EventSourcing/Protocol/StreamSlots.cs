using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>The streams at which something is going on, and the appends that stand in their lines.</summary>
internal sealed class StreamSlots
{
    private readonly Dictionary<StreamKey, StreamSlot> _slots = [];
    private readonly Stack<StreamSlot> _unused = new();

    // Appends in a queue or waiting, so that a repeat finds them at once. One that is in flight is found at its slot.
    private readonly Dictionary<AppendKey, Append> _lined = [];

    /// <summary>Gets all slots; closing the one at hand is allowed meanwhile.</summary>
    public Dictionary<StreamKey, StreamSlot> All => _slots;

    /// <summary>Gets the slot of an append in line or in flight.</summary>
    public StreamSlot this[StreamKey stream] => _slots[stream];

    public bool TryFind(StreamKey stream, [NotNullWhen(true)] out StreamSlot? slot) => _slots.TryGetValue(stream, out slot);

    public StreamSlot Open(StreamKey stream, out bool wasOpen)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_slots, stream, out wasOpen);
        return slot ??= _unused.TryPop(out var unused) ? unused : new StreamSlot();
    }

    public void CloseIfIdle(StreamKey stream, StreamSlot slot)
    {
        if (slot.IsIdle && _slots.Remove(stream))
        {
            slot.Yield = null;
            _unused.Push(slot);
        }
    }

    /// <summary>Finds the append that a repeat joins.</summary>
    public Append? FindPending(StreamSlot slot, AppendKey key) =>
        slot.Current?.Id == key.Id ? slot.Current : _lined.GetValueOrDefault(key);

    public void Queue(StreamSlot slot, Append append)
    {
        append.State = AppendState.Queued;
        _lined[append.Key] = append;
        slot.Queue.AddLast(append);
    }

    /// <summary>Puts an append at the head of its stream's queue.</summary>
    public void QueueFirst(StreamSlot slot, Append append)
    {
        append.State = AppendState.Queued;
        _lined[append.Key] = append;
        slot.Queue.AddFirst(append);
    }

    public void Wait(StreamSlot slot, Append append)
    {
        append.State = AppendState.Waiting;
        _lined[append.Key] = append;
        slot.Waiting.AddLast(append);
    }

    public Append? TakeFirst(StreamSlot slot)
    {
        var first = slot.Queue.TakeFirst();

        if (first is not null)
        {
            _lined.Remove(first.Key);
        }

        return first;
    }

    /// <summary>Takes an append from where it stands at its stream.</summary>
    public void Remove(StreamSlot slot, Append append)
    {
        switch (append.State)
        {
            case AppendState.Queued:
                slot.Queue.Remove(append);
                _lined.Remove(append.Key);
                break;
            case AppendState.Waiting:
                slot.Waiting.Remove(append);
                _lined.Remove(append.Key);
                break;
            default:
                slot.Current = null;
                break;
        }
    }

    /// <summary>Moves waiting appends that a new version decides to the head of the queue: an exact expectation holds only now.</summary>
    public void Wake(StreamSlot slot, long version)
    {
        for (var append = slot.Waiting.First; append is not null;)
        {
            var next = append.Next;

            if (append.Expected.Exact is not { } exact || exact < version || (exact == version && append.HasFrame))
            {
                Remove(slot, append);
                QueueFirst(slot, append);
            }

            append = next;
        }
    }

    /// <summary>Removes a copy that was reported.</summary>
    public void Forget(Attempt attempt)
    {
        if (_slots.TryGetValue(attempt.Append.Stream, out var slot))
        {
            slot.Remove(attempt);
            CloseIfIdle(attempt.Append.Stream, slot);
        }
    }

    public void Clear()
    {
        _slots.Clear();
        _lined.Clear();
    }
}
