namespace Messaging.Patterns.Outbox;

/// <summary>What becomes of the rows behind one that can never be sent.</summary>
public enum RefusedRows
{
    /// <summary>The rows of its key wait until it is replayed or skipped: the order of the key holds.</summary>
    HoldKey,

    /// <summary>They are sent without it: the refused row is set aside alone, and comes late if it is replayed.</summary>
    SetAside,
}
