namespace Messaging.Patterns.EventSourcing;

/// <summary>An append may or may not have been accepted: its time limit passed, or it was cancelled, after it was handed over.</summary>
/// <param name="pending">The append, to be given to <see cref="IEventWriter.ResolveAsync"/>.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class AppendOutcomeUnknownException(PendingAppend pending, Exception? inner = null)
    : MessagingException(
        $"It is not known whether append {pending?.Id} to stream '{pending?.Stream}' as version {pending?.FirstVersion} was accepted. "
        + "Call ResolveAsync with the pending append, or repeat the append with the same append id.",
        inner)
{
    /// <summary>Gets the append, to be given to <see cref="IEventWriter.ResolveAsync"/>.</summary>
    public PendingAppend Pending { get; } = pending ?? throw new ArgumentNullException(nameof(pending));

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
