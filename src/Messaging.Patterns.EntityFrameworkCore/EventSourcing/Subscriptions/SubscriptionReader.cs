using System.Runtime.CompilerServices;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Reads what a subscription has to handle, and divides it into what is handled together.</summary>
/// <param name="feed">The feed.</param>
/// <param name="dispatcher">Knows what is handled, and by whom.</param>
/// <param name="options">The options.</param>
/// <param name="time">The clock.</param>
internal sealed class SubscriptionReader(IEventFeed feed, EventDispatcher dispatcher, EventStoreSubscriptionOptions options, TimeProvider time)
{
    // What nobody handles is passed over; after a restart so much of it is read again.
    private const int PassedAtOnce = 1_000;

    private static readonly FeedReadOptions Following = new() { Follow = true, Raw = true };

    /// <summary>Reads on from a place, for ever.</summary>
    public async IAsyncEnumerable<SubscriptionBatch> ReadAsync(SubscriptionPlace place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = new SubscriptionCursor(place);
        var events = new TimedReads<RecordedEvent>(token => feed.ReadAllAsync(EventRows.PositionOf(Math.Max(place.Number - 1, 0)), Following, token), time, cancellationToken);

        await using (events.ConfigureAwait(false))
        {
            while (true)
            {
                yield return new(await ReadBatchAsync(events, cursor).ConfigureAwait(false), cursor.Place);
            }
        }
    }

    private async Task<List<SubscriptionEvent>> ReadBatchAsync(TimedReads<RecordedEvent> events, SubscriptionCursor cursor)
    {
        var (batch, passed, size, since) = (new List<SubscriptionEvent>(), 0, options.BatchSize, 0L);

        while (batch.Count < size && passed < PassedAtOnce && await events.WaitAsync(batch.Count == 0 ? null : options.BatchTimeout - time.GetElapsedTime(since)).ConfigureAwait(false))
        {
            var (recorded, payload) = (events.Current, events.Current.Payload);
            var isHandled = dispatcher.Handles(payload);

            // It begins the next batch.
            if (isHandled && batch.Count > 0 && !dispatcher.AreBatched(batch[0].Recorded.Payload, payload))
            {
                break;
            }

            events.Take();

            if (cursor.Take(recorded) is not { } index || !isHandled)
            {
                passed++;
                continue;
            }

            since = batch.Count == 0 ? time.GetTimestamp() : since;
            size = dispatcher.AreBatched(payload, payload) ? size : 1;
            batch.Add(new(recorded, index, cursor.Place));
        }

        return batch;
    }
}
