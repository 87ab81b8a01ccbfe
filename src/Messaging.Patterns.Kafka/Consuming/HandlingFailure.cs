namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Why records are not done.</summary>
/// <param name="Exception">What the handler, or who reads the record, threw.</param>
/// <param name="Index">The place of the event within its record; <see langword="null"/> if several were handed over together, or the record cannot be read.</param>
/// <param name="Attempts">How often the event was handed over by this instance.</param>
internal sealed record HandlingFailure(Exception Exception, int? Index, int Attempts)
{
    /// <summary>Gets why it could not be set aside, if that was tried.</summary>
    public MessagingException? NotSetAside { get; init; }

    /// <summary>Gets whether the partition must stop, whatever the group's policy is.</summary>
    public bool MustStop => Exception is RecordRefusedException { MustStop: true };
}
