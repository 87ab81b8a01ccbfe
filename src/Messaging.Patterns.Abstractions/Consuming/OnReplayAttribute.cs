namespace Messaging.Patterns.Consuming;

/// <summary>Declares what a rewind means for a handler.</summary>
/// <remarks>
/// Without it a handler runs, unless one of its constructors takes an <see cref="Publishing.IEventPublisher"/>, an <see cref="Outbox.IOutbox"/> or an
/// <see cref="Publishing.IRecordProducer"/> or <see cref="Publishing.IRecordTransactions"/>: then it refuses, since others would receive everything once more.
/// </remarks>
/// <param name="policy">What it means.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnReplayAttribute(ReplayPolicy policy) : Attribute
{
    /// <summary>Gets what it means.</summary>
    public ReplayPolicy Policy { get; } = policy;
}
