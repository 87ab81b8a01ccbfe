using Messaging.Patterns.EventSourcing.Copying;

namespace Messaging.Patterns.EventSourcing;

/// <summary>Moves the events of one store into another, such as those of a database into Kafka.</summary>
public static class EventFeedCopyExtensions
{
    /// <summary>Copies the events of a store into another, up to the end of what the source holds when it begins.</summary>
    /// <remarks>
    /// <para>
    /// Kept are streams, versions, which events were appended together, the append's id, event ids, types, times, metadata, media types and payloads, and the
    /// trace that its writer was part of, with the copy as its last span. Positions are not: each store has its own. Streams keep their order; between streams there is none in the target.
    /// </para>
    /// <para>
    /// The source may be written to meanwhile; what comes later is for the next copy. A copy can be ended and begun again at any moment, also by a crash, and several may
    /// run at once: what the target has is compared, and passed over. What fails in passing in the target is tried again until it is cancelled; whatever the source fails
    /// with ends the copy.
    /// </para>
    /// </remarks>
    /// <param name="source">All events of the source.</param>
    /// <param name="target">The target, whose streams nobody else writes to yet.</param>
    /// <param name="options">Where to begin, which streams, who is told of the progress.</param>
    /// <param name="cancellationToken">Ends the copy. What was copied stays.</param>
    /// <returns>How much was copied, and up to which place in the source.</returns>
    /// <exception cref="EventCopyException">The target holds something else in a stream, or refuses an append.</exception>
    /// <exception cref="MessagingException">The target failed, and not in passing.</exception>
    public static async Task<EventCopyProgress> CopyToAsync(this IEventFeed source, IEventStore target, EventCopyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        options ??= new EventCopyOptions();
        using var pump = new AppendPump(source, options);
        return await new EventCopy(target, pump, options.Time).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Compares the events of a store with what was copied of them into another: each event with all that is kept, and that no stream goes on in the target.</summary>
    /// <remarks>It remembers the last version of each stream: about 200 bytes a stream. Streams that only the target has are not looked for.</remarks>
    /// <param name="source">All events of the source.</param>
    /// <param name="target">The target.</param>
    /// <param name="options">Where to begin, which streams, who is told of the progress.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    /// <returns>What differs.</returns>
    /// <exception cref="MessagingException">The target cannot be read.</exception>
    public static async Task<EventComparison> CompareToAsync(this IEventFeed source, IEventReader target, EventCopyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        options ??= new EventCopyOptions();
        using var pump = new AppendPump(source, options);
        return await new EventComparing(target, pump, options).RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
