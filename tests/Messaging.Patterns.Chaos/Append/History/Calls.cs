namespace Messaging.Patterns.Chaos.Append.History;

/// <summary>An append or decision.</summary>
/// <param name="Process">Who called, with the number of its start.</param>
/// <param name="Work">What was to be appended.</param>
/// <param name="Began">When it began.</param>
internal sealed record AppendCall(string Process, AppendWork Work, long Began)
{
    /// <summary>Gets when the answer was there; never, when the process was killed.</summary>
    public long Ended { get; init; } = long.MaxValue;

    public Answer Answer { get; init; }

    /// <summary>Gets the version of a success, or the actual version of a conflict.</summary>
    public long Version { get; init; }

    public string? Position { get; init; }

    public PendingNote? Pending { get; init; }
}

/// <summary>The resolution of an unknown outcome.</summary>
/// <param name="Process">Who called.</param>
/// <param name="Pending">What was to be resolved.</param>
/// <param name="Began">When it began.</param>
internal sealed record ResolveCall(string Process, PendingNote Pending, long Began)
{
    public long Ended { get; init; } = long.MaxValue;

    public Answer Answer { get; init; }

    public long Version { get; init; }

    public string? Position { get; init; }
}

/// <summary>A read that was answered.</summary>
/// <param name="Process">Who read, with the number of its start.</param>
/// <param name="Asked">What for.</param>
/// <param name="Seen">What was seen.</param>
/// <param name="IsFinal">Whether all was over by then.</param>
internal sealed record ReadCall(string Process, ReadBegun Asked, ReadEnded Seen, bool IsFinal);

/// <summary>A call of the group's handler.</summary>
/// <param name="Process">The member.</param>
/// <param name="Event">The event.</param>
/// <param name="Ended">When it ended; never, when the member was killed.</param>
internal sealed record Handling(string Process, HandlingBegun Event, long Ended);
