using System.Runtime.CompilerServices;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Reads all events of a context's event store in the order of their numbers, up to where no transaction can bring a smaller one.</summary>
/// <param name="contexts">Where each call gets its context from.</param>
/// <param name="parts">What it shares with the stores.</param>
/// <param name="watch">Told when somebody holds the feed back.</param>
internal sealed class EntityFrameworkEventFeed(StoreContexts contexts, StoreParts parts, FeedWatch watch) : IEventFeed
{
    private const int PageSize = 500;

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(Position after, FeedReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(after);
        options ??= new FeedReadOptions();
        return ReadAsync(new FeedCursor(EventRows.NextOf(after), options.Follow), options.Raw, cancellationToken);
    }

    private async IAsyncEnumerable<RecordedEvent> ReadAsync(FeedCursor cursor, bool isRaw, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var reader = watch.Begin();

        while (!cursor.IsAtEnd)
        {
            var appended = parts.Appended.Next;
            await ObserveAsync(cursor, reader, cancellationToken).ConfigureAwait(false);

            if (cursor.Next > cursor.Last && !cursor.IsAtEnd)
            {
                await AppendSignal.WaitAsync(appended, parts.Options.PollInterval, parts.Time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            await foreach (var row in ReadRowsAsync(cursor.Next, cursor.Last, cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return parts.Codec.Decode(EventRows.EventOf(row), StreamId.Parse(row.Stream), row.Version, EventRows.PositionOf(row.Number), isRaw);
            }

            cursor.Read();
        }
    }

    private async IAsyncEnumerable<EventRow> ReadRowsAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var (number, index) = (from, 0); number <= to;)
        {
            var page = await ReadPageAsync(number, index, to, cancellationToken).ConfigureAwait(false);

            foreach (var row in page)
            {
                yield return row;
            }

            (number, index) = page.Count < PageSize ? (to + 1, 0) : (page[^1].Number, page[^1].Index + 1);
        }
    }

    private async Task<List<EventRow>> ReadPageAsync(long number, int index, long to, CancellationToken cancellationToken)
    {
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            return await CommittedRows.Of<EventRow>(rented.Context).AsNoTracking()
                .Where(row => row.Number >= number && row.Number <= to && (row.Number > number || row.Index >= index))
                .OrderBy(row => row.Number).ThenBy(row => row.Index).Take(PageSize).ToListAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ObserveAsync(FeedCursor cursor, FeedWatch.Reader reader, CancellationToken cancellationToken)
    {
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            cursor.Observe(await parts.Database.ObserveAsync(rented.Context, cursor.Known, cancellationToken).ConfigureAwait(false));
            await reader.NoteAsync(cursor.IsHeldBack, () => parts.Database.FindHolderAsync(rented.Context, cancellationToken)).ConfigureAwait(false);
        }
    }
}
