using System.Runtime.CompilerServices;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Reads streams, a page at a time: between two pages it holds no connection.</summary>
internal sealed class StreamReads(StoreContexts contexts, StoreParts parts)
{
    private const int PageSize = 500;

    /// <summary>Reads a stream. What is committed is seen by every read; only a position that is not there yet is waited for.</summary>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, StreamReadOptions read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await WaitForAsync(read.Consistency.Position ?? Position.Start, cancellationToken).ConfigureAwait(false);
        var (version, left) = (read.FromVersion, read.MaxCount);

        while (left > 0)
        {
            var page = await ReadPageAsync(stream, version, (int)Math.Min(left, PageSize), cancellationToken).ConfigureAwait(false);

            foreach (var row in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return parts.Codec.Decode(EventRows.EventOf(row), stream, row.Version, EventRows.PositionOf(row.Number), read.Raw);
            }

            (version, left) = (version + page.Count, page.Count < PageSize ? 0 : left - page.Count);
        }
    }

    private async Task<List<EventRow>> ReadPageAsync(StreamId stream, long from, int count, CancellationToken cancellationToken)
    {
        var name = stream.ToString();
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            return await CommittedRows.Of<EventRow>(rented.Context).AsNoTracking().Where(row => row.Stream == name && row.Version >= from)
                .OrderBy(row => row.Version).Take(count).ToListAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitForAsync(Position position, CancellationToken cancellationToken)
    {
        if (EventRows.NextOf(position) - 1 is not (> 0 and var number))
        {
            return;
        }

        for (var began = parts.Time.GetTimestamp(); ;)
        {
            var next = parts.Appended.Next;

            if (await IsThereAsync(number, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            if (parts.Time.GetElapsedTime(began) > parts.Options.ReadTimeout)
            {
                throw new EventStoreDatabaseException(
                    $"Position '{position}' was not there within {parts.Options.ReadTimeout}. Was its transaction rolled back, or does the position come from another store?", isTransient: true);
            }

            await AppendSignal.WaitAsync(next, parts.Options.PollInterval, parts.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsThereAsync(long number, CancellationToken cancellationToken)
    {
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            return await CommittedRows.Of<EventRow>(rented.Context).AnyAsync(row => row.Number == number, cancellationToken).ConfigureAwait(false);
        }
    }
}
