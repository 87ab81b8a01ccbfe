namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>The answer to an append.</summary>
internal readonly record struct AppendDecision
{
    /// <summary>Gets the kind of answer.</summary>
    public required DecisionKind Kind { get; init; }

    /// <summary>Gets the stream's version: after the append if it was accepted, that which did not meet the expectation on a conflict.</summary>
    public long Version { get; init; }

    /// <summary>Gets the offset of the accepted frame.</summary>
    public long Offset { get; init; }

    /// <summary>Gets the first version of the frame whose outcome is unknown.</summary>
    public long FirstVersion { get; init; }

    /// <summary>Gets the offset before which the frame cannot have been accepted, when its outcome is unknown or must be read from the log.</summary>
    public long Base { get; init; }

    /// <summary>Gets the last error, when nothing was written; <see langword="null"/> if the time was up before anything was sent.</summary>
    public Exception? Error { get; init; }

    /// <summary>Gets whether trying again cannot help, when nothing was written.</summary>
    public bool IsFinal { get; init; }

    public static AppendDecision Accepted(in AcceptedAppend accepted) =>
        new() { Kind = DecisionKind.Accepted, Version = accepted.LastVersion, Offset = accepted.Offset };

    public static AppendDecision Conflict(long actual) => new() { Kind = DecisionKind.Conflict, Version = actual };

    public static AppendDecision Unknown(long firstVersion, long @base) =>
        new() { Kind = DecisionKind.Unknown, FirstVersion = firstVersion, Base = @base };

    public static AppendDecision NotWritten(Exception? error, bool isFinal) =>
        new() { Kind = DecisionKind.NotWritten, Error = error, IsFinal = isFinal };

    public static AppendDecision Cancelled { get; } = new() { Kind = DecisionKind.Cancelled };

    public static AppendDecision Stopped { get; } = new() { Kind = DecisionKind.Stopped };

    public static AppendDecision ReadLog(long firstVersion, long @base) =>
        new() { Kind = DecisionKind.ReadLog, FirstVersion = firstVersion, Base = @base };
}
