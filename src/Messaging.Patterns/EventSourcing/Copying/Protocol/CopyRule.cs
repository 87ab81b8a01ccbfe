namespace Messaging.Patterns.EventSourcing.Copying.Protocol;

/// <summary>Says what became of an append that was made with its own id, expecting exactly the version before it. Pure.</summary>
/// <remarks>
/// Whoever made it, this copy, one that was ended in between, or one that does not know that it was followed: it can only ever be accepted at its own version, once.
/// </remarks>
internal static class CopyRule
{
    /// <summary>Judges a result. A store that knows the id answers the version that the append was given then, whatever is expected now.</summary>
    public static CopyVerdict OfResult(CopiedAppend append, long version) => version == append.LastVersion ? CopyVerdict.Copied : CopyVerdict.Foreign;

    /// <summary>Judges a conflict. A store that has forgotten the id answers with one although it has the append.</summary>
    public static CopyVerdict OfConflict(CopiedAppend append, long actual) => actual < append.FirstVersion ? CopyVerdict.Gap : CopyVerdict.Compare;
}
