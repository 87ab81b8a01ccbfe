namespace Messaging.Patterns.EventSourcing;

/// <summary>What became of a pending append.</summary>
public sealed record AppendResolution
{
    private AppendResolution(AppendOutcome outcome, AppendResult? result) => (Outcome, Result) = (outcome, result);

    /// <summary>Gets the resolution of an append that was surely never accepted, and never will be.</summary>
    public static AppendResolution Rejected { get; } = new(AppendOutcome.Rejected, null);

    /// <summary>Gets the resolution of an append without its frame that the log does not decide yet.</summary>
    public static AppendResolution Undecided { get; } = new(AppendOutcome.Undecided, null);

    /// <summary>Gets what became of it. Accepted and rejected are final.</summary>
    public AppendOutcome Outcome { get; }

    /// <summary>Gets the result of the append if it was accepted, else <see langword="null"/>.</summary>
    public AppendResult? Result { get; }

    /// <summary>Returns the resolution of an append that was accepted.</summary>
    /// <param name="result">Its result.</param>
    public static AppendResolution Accepted(AppendResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new(AppendOutcome.Accepted, result);
    }
}
