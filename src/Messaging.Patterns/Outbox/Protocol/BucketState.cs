namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>How far an instance has a bucket of which it has the lease.</summary>
internal enum BucketState
{
    /// <summary>Its transactional id is another's, for all that is known: nothing is read or sent.</summary>
    Closed,

    /// <summary>Its transactional id is being taken over.</summary>
    Opening,

    /// <summary>What was sent before is settled and known; its rows are read and sent.</summary>
    Open,

    /// <summary>A transaction is under way.</summary>
    Sending,
}
