using System.Data.Common;
using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>The inbox table of a context, within its current transaction.</summary>
internal sealed class InboxTable(DbContext context, TimeProvider time) : IHandledEvents
{
    // On SQLite every row takes nine parameters, of 32,766.
    private const int RowsPerStatement = 1_000;

    // What PostgreSQL says when lock_timeout is over.
    private const string LockNotAvailable = "55P03";

    private readonly InboxStatement _statement = InboxStatement.Of(context);

    /// <summary>
    /// Writes down that events are handled, and returns the places of those that were not handled before: of each event that is there for the first time, and of
    /// each that is read again from the very place it was handled from, after a rewind that is newer. Another transaction that handles one of them is waited for.
    /// </summary>
    public async Task<List<int>> TakeAsync(IReadOnlyList<EventContext> events, CancellationToken cancellationToken)
    {
        // All transactions take events in one order, so that no two wait for each other.
        var ordered = Enumerable.Range(0, events.Count)
            .OrderBy(place => events[place].Source, StringComparer.Ordinal).ThenBy(place => events[place].EventId, StringComparer.Ordinal).ThenBy(place => place);
        var taken = new List<int>();

        // An event that is there twice is written down once: one statement must not touch a row twice.
        foreach (var chunk in ordered.DistinctBy(place => (events[place].Source, events[place].EventId)).Chunk(RowsPerStatement))
        {
            try
            {
                taken.AddRange(await TakeChunkAsync(events, chunk, cancellationToken).ConfigureAwait(false));
            }
            catch (DbException exception) when (exception.InnerException is TimeoutException || exception.SqlState == LockNotAvailable)
            {
                throw WaitedTooLong(events[chunk[0]], chunk.Length, exception);
            }
        }

        taken.Sort();
        return taken;
    }

    // Last, so that a handler keeps nobody from rewinding: whoever rewinds then waits for the commit at most, and whoever was rewound meanwhile leaves nothing.
    public async Task<bool> TryEndAsync(IReadOnlyList<EventContext> taken, CancellationToken cancellationToken)
    {
        await new InboxPositions(context).KeepEpochAsync(taken, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<List<int>> TakeChunkAsync(IReadOnlyList<EventContext> events, int[] places, CancellationToken cancellationToken)
    {
        var byId = places.ToDictionary(place => (events[place].Source, events[place].EventId));
        var taken = new List<int>(places.Length);
        var command = CreateCommand(events, places);

        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);

            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    taken.Add(byId[(reader.GetString(0), reader.GetString(1))]);
                }
            }
        }

        return taken;
    }

    private DbCommand CreateCommand(IReadOnlyList<EventContext> events, int[] places)
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandTimeout = context.Database.GetCommandTimeout() ?? command.CommandTimeout;
        _statement.WriteTo(command, Array.ConvertAll(places, place => events[place]), time.GetUtcNow().UtcDateTime);
        return command;
    }

    private static MessagingException WaitedTooLong(EventContext first, int count, DbException inner) => new(
        $"Group '{first.Group}' has waited too long to write down {count} event(s) as handled, the first of them '{first.EventId}' of source '{first.Source}' at topic '{first.Topic}', partition {first.Partition}, offset {first.Offset}. "
        + "Either the database does not answer, or another transaction that handles one of them has not ended, such as that of a member that stands still: look in pg_stat_activity for one that is 'idle in transaction', "
        + "end it with pg_terminate_backend, and set idle_in_transaction_session_timeout, which does so by itself.",
        inner);
}
