namespace Messaging.Patterns.Chaos.Harness;

/// <summary>What a violation is counted as.</summary>
internal enum ViolationKind
{
    /// <summary>Acknowledged, or in the log, and not seen where it must be.</summary>
    Lost,

    /// <summary>There more often than the guarantee allows.</summary>
    Duplicated,

    /// <summary>First occurrences out of order, or an order that real time forbids.</summary>
    Reordered,

    /// <summary>An answer or a stored fact that is not true.</summary>
    Untrue,

    /// <summary>A process that failed, stopped or hung without having been made to.</summary>
    Failed,
}
