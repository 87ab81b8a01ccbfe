namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>What must hold in every history.</summary>
public enum RelayInvariant
{
    /// <summary>First occurrences of a key are in the log in the order of its lock.</summary>
    OrderOfKeys,

    /// <summary>Whatever was committed is in the log in the end.</summary>
    NothingLost,

    /// <summary>Nothing is deleted that is not in the log.</summary>
    DeletedAfterStored,

    /// <summary>Nothing is in the log that was rolled back.</summary>
    OnlyCommitted,

    /// <summary>As long as nothing fails, nothing is sent twice.</summary>
    NoNeedlessRepeats,

    /// <summary>In transactions nothing is sent twice, whatever fails.</summary>
    ExactlyOnce,

    /// <summary>Nothing is read twice by a cursor.</summary>
    ReadOnce,

    /// <summary>No more is held and under way than may be.</summary>
    MemoryBound,

    /// <summary>Everything comes to its end.</summary>
    Progress,
}
