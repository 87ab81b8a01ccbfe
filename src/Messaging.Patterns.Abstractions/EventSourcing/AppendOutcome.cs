namespace Messaging.Patterns.EventSourcing;

/// <summary>The outcomes of a pending append.</summary>
public enum AppendOutcome
{
    /// <summary>The log does not decide it yet.</summary>
    Undecided,

    /// <summary>Its events are in the stream. Final.</summary>
    Accepted,

    /// <summary>Its events are not in the stream and never will be. Final.</summary>
    Rejected,
}
