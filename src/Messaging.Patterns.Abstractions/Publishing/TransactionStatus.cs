namespace Messaging.Patterns.Publishing;

/// <summary>What became of a transaction.</summary>
public enum TransactionStatus
{
    /// <summary>All of its records are stored, and so is its note.</summary>
    Committed,

    /// <summary>None of it is stored, since something about its records was known to be wrong before it began. Others may be sent.</summary>
    NotBegun,

    /// <summary>None of it is stored, as far as readers see that read only what is committed.</summary>
    Aborted,

    /// <summary>It is not known. Opening the transactional id anew settles it, and tells the note of the last one that was committed.</summary>
    Unknown,

    /// <summary>It is not known, and another producer has taken over the transactional id.</summary>
    Fenced,
}
