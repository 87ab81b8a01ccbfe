namespace Messaging.Patterns.EventSourcing;

/// <summary>Appends events to streams with exact optimistic concurrency.</summary>
public interface IEventWriter
{
    /// <summary>Appends 1..n events to one stream, all or none, if the stream meets the expectation.</summary>
    /// <remarks>
    /// Any number of instances may append to any stream at the same time; of those that expect the same version exactly one is accepted. With
    /// <see cref="ExpectedVersion.Any"/> and <see cref="ExpectedVersion.Exists"/> the append is moved behind the events of others until it is accepted.
    /// </remarks>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">What is expected of its version.</param>
    /// <param name="events">The events, at least one.</param>
    /// <param name="options">The append's id and its time limit.</param>
    /// <param name="cancellationToken">Cancels the append: before it is handed over nothing is written, afterwards the outcome is unknown.</param>
    /// <exception cref="StreamConflictException">The stream does not meet the expectation; nothing was written. Final.</exception>
    /// <exception cref="AppendOutcomeUnknownException">The append may or may not have been accepted; resolve it with <see cref="ResolveAsync"/>.</exception>
    /// <exception cref="AppendTooLargeException">The events exceed what one append may take; nothing was written.</exception>
    /// <exception cref="OperationCanceledException">The append was cancelled and surely nothing was written.</exception>
    /// <exception cref="MessagingException">The store cannot append and nothing was written; <see cref="MessagingException.IsTransient"/> says whether it may later.</exception>
    ValueTask<AppendResult> AppendAsync(
        StreamId stream,
        ExpectedVersion expected,
        IReadOnlyList<EventData> events,
        AppendOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Settles an append whose outcome is unknown; may be called by any instance, at any time, repeatedly.</summary>
    /// <param name="pending">The append, from <see cref="AppendOutcomeUnknownException.Pending"/>.</param>
    /// <param name="cancellationToken">Cancels the call; the append then stays pending.</param>
    /// <returns>Accepted or rejected; undecided only for a pending append without its frame.</returns>
    ValueTask<AppendResolution> ResolveAsync(PendingAppend pending, CancellationToken cancellationToken = default);
}
