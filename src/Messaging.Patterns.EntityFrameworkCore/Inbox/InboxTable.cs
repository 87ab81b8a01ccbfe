using System.Data.Common;
using System.Globalization;
using System.Text;
using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>The inbox table of a context, within its current transaction.</summary>
internal sealed class InboxTable(DbContext context, TimeProvider time) : IHandledEvents
{
    // Every row takes nine parameters; PostgreSQL takes 65,535 and SQLite 32,766.
    private const int RowsPerStatement = 1_000;

    private static readonly string[] Columns =
    [
        nameof(InboxRow.Group), nameof(InboxRow.Source), nameof(InboxRow.EventId), nameof(InboxRow.Topic), nameof(InboxRow.Partition), nameof(InboxRow.Offset),
        nameof(InboxRow.FrameIndex), nameof(InboxRow.Epoch), nameof(InboxRow.HandledAt),
    ];

    private static readonly string[] Place = [nameof(InboxRow.Topic), nameof(InboxRow.Partition), nameof(InboxRow.Offset), nameof(InboxRow.FrameIndex)];

    private readonly ISqlGenerationHelper _sql = context.GetService<ISqlGenerationHelper>();
    private readonly IEntityType _row = context.Model.FindEntityType(typeof(InboxRow))
        ?? throw new MessagingTablesException(context.GetType().Name, ["its model has no inbox. Call modelBuilder.AddMessagingPatterns() in OnModelCreating, and add a migration."]);

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
            taken.AddRange(await TakeChunkAsync(events, chunk, cancellationToken).ConfigureAwait(false));
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
        var rows = new StringBuilder();
        var now = time.GetUtcNow().UtcDateTime;

        foreach (var place in places)
        {
            var one = events[place];
            object[] values = [one.Group, one.Source, one.EventId, one.Topic, one.Partition, one.Offset, one.Index, one.Epoch, now];
            rows.Append(rows.Length == 0 ? "(" : ", (").AppendJoin(", ", values.Select(value => Add(command, value))).Append(')');
        }

        command.CommandText =
            $"""
            INSERT INTO {Table} ({string.Join(", ", Columns.Select(Column))}) VALUES {rows}
            ON CONFLICT ({Column(nameof(InboxRow.Group))}, {Column(nameof(InboxRow.Source))}, {Column(nameof(InboxRow.EventId))}) DO UPDATE
            SET {Excluded(nameof(InboxRow.Epoch))}, {Excluded(nameof(InboxRow.HandledAt))}
            WHERE {Table}.{Column(nameof(InboxRow.Epoch))} < excluded.{Column(nameof(InboxRow.Epoch))}
            AND {string.Join(" AND ", Place.Select(name => $"{Table}.{Column(name)} = excluded.{Column(name)}"))}
            RETURNING {Column(nameof(InboxRow.Source))}, {Column(nameof(InboxRow.EventId))}
            """;
        return command;
    }

    private string Table => _sql.DelimitIdentifier(_row.GetTableName()!, _row.GetSchema());

    private string Column(string property) => _sql.DelimitIdentifier(_row.FindProperty(property)!.GetColumnName());

    private string Excluded(string property) => $"{Column(property)} = excluded.{Column(property)}";

    private static string Add(DbCommand command, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{command.Parameters.Count}");
        parameter.Value = value;
        command.Parameters.Add(parameter);
        return parameter.ParameterName;
    }
}
