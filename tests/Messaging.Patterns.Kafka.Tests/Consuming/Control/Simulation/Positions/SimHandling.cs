namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>A handler's transaction: what it holds of the database until it ends.</summary>
internal sealed class SimHandling(string id, long offset, long epoch)
{
    public string Id { get; } = id;

    public long Offset { get; } = offset;

    public long Epoch { get; } = epoch;

    public SimHandlingStep Step { get; set; }

    /// <summary>Gets or sets whether it was handled before, so that the handler is not called.</summary>
    public bool IsKnown { get; set; }

    /// <summary>Gets or sets whether a rewind waits for the transaction.</summary>
    public bool HoldsEpoch { get; set; }

    public bool IsOpen => Step is SimHandlingStep.Taken or SimHandlingStep.Kept;
}

internal enum SimHandlingStep
{
    /// <summary>Nothing is done yet, or not any more.</summary>
    Waiting,

    /// <summary>It has written down that it handles its event.</summary>
    Taken,

    /// <summary>It has compared its epoch, as its last statement.</summary>
    Kept,

    Committed,

    /// <summary>It belongs to a partition that was rewound.</summary>
    Refused,
}
