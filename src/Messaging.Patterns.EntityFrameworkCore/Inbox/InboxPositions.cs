using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>The positions of an inbox, with the locks that let no handler commit across a rewind.</summary>
/// <remarks>
/// Handlers share a lock that keeps the epoch, and a position that follows does not wait for them: on PostgreSQL <c>KEY SHARE</c>, which an <c>UPDATE</c> does not wait for and
/// <c>FOR UPDATE</c> does. SQLite lets one transaction write at a time, so there nothing is to be locked.
/// </remarks>
internal sealed class InboxPositions(DbContext context)
{
    private readonly bool _locks = context.Database.ProviderName != OutboxTables.Sqlite;
    private readonly ISqlGenerationHelper _sql = context.GetService<ISqlGenerationHelper>();
    private readonly IEntityType _row = context.Model.FindEntityType(typeof(InboxPositionRow))
        ?? throw new MessagingTablesException(context.GetType().Name, ["its model has no positions of an inbox. Call modelBuilder.AddMessagingPatterns() in OnModelCreating, and add a migration."]);

    private DbSet<InboxPositionRow> Rows => context.Set<InboxPositionRow>();

    private string Table => _sql.DelimitIdentifier(_row.GetTableName()!, _row.GetSchema());

    /// <summary>Returns a position, <see langword="null"/> if there is none.</summary>
    public Task<InboxPositionRow?> FindAsync(InboxPlace place, CancellationToken cancellationToken) => At(place).AsNoTracking().SingleOrDefaultAsync(cancellationToken);

    /// <summary>Keeps the epoch of events to the end of the current transaction, in one statement. Nothing to be kept is nothing that was ever rewound.</summary>
    /// <remarks>In any order: a rewind has one row, and waits for no other.</remarks>
    /// <exception cref="PartitionRewoundException">It is not theirs.</exception>
    public async Task KeepEpochAsync(IEnumerable<EventContext> events, CancellationToken cancellationToken)
    {
        var given = events.Select(one => (Place: InboxPlace.Of(one), one.Epoch)).Distinct().ToList();
        var stored = await LockAsync([.. given.Select(one => one.Place).Distinct()], "FOR KEY SHARE", cancellationToken).ConfigureAwait(false);

        foreach (var (place, epoch) in stored)
        {
            if (given.Find(one => one.Place == place && one.Epoch != epoch) is { Place.Group: not null } stale)
            {
                throw new PartitionRewoundException(place.Group, place.Topic, place.Partition, stale.Epoch, epoch);
            }
        }
    }

    /// <summary>Returns the epoch of a partition, and lets nobody who keeps it commit until the current transaction ends.</summary>
    public async Task<long> LockEpochAsync(InboxPlace place, CancellationToken cancellationToken) => (await LockAsync([place], "FOR UPDATE", cancellationToken).ConfigureAwait(false))[0].Epoch;

    /// <summary>Adds a position, unless there is one.</summary>
    public Task AddAsync(InboxPlace place, StoredPosition position, CancellationToken cancellationToken)
    {
        string[] columns =
        [
            nameof(InboxPositionRow.Group), nameof(InboxPositionRow.Topic), nameof(InboxPositionRow.Partition), nameof(InboxPositionRow.Next), nameof(InboxPositionRow.NextIndex), nameof(InboxPositionRow.Epoch),
        ];
        var statement = $"INSERT INTO {Table} ({string.Join(", ", columns.Select(Column))}) VALUES ({{0}}, {{1}}, {{2}}, {{3}}, 0, {{4}}) ON CONFLICT DO NOTHING";
        return context.Database.ExecuteSqlRawAsync(statement, [place.Group, place.Topic, place.Partition, position.Next, position.Epoch], cancellationToken);
    }

    /// <summary>Sets a position.</summary>
    public Task SetAsync(InboxPlace place, StoredPosition position, CancellationToken cancellationToken) => At(place).ExecuteUpdateAsync(
        set => set.SetProperty(row => row.Next, position.Next).SetProperty(row => row.NextIndex, 0).SetProperty(row => row.Epoch, position.Epoch), cancellationToken);

    /// <summary>Moves a position forward to a record, in its epoch. Returns whether it has moved.</summary>
    public async Task<bool> TryMoveAsync(InboxPlace place, StoredPosition position, CancellationToken cancellationToken) => await At(place)
        .Where(row => row.Epoch == position.Epoch && row.Next < position.Next)
        .ExecuteUpdateAsync(set => set.SetProperty(row => row.Next, position.Next).SetProperty(row => row.NextIndex, 0), cancellationToken).ConfigureAwait(false) == 1;

    /// <summary>Moves a position behind the last of some events, in their epoch, unless the first of them lies before it. Returns whether it has moved.</summary>
    public async Task<bool> TryMoveAsync(EventContext first, EventContext last, CancellationToken cancellationToken) => await At(InboxPlace.Of(first))
        .Where(row => row.Epoch == first.Epoch && (row.Next < first.Offset || (row.Next == first.Offset && row.NextIndex <= first.Index)))
        .ExecuteUpdateAsync(set => set.SetProperty(row => row.Next, last.Offset).SetProperty(row => row.NextIndex, last.Index + 1), cancellationToken).ConfigureAwait(false) == 1;

    private IQueryable<InboxPositionRow> At(InboxPlace place) => Rows.Where(row => row.Group == place.Group && row.Topic == place.Topic && row.Partition == place.Partition);

    // Not a query of Entity Framework Core, which makes such SQL anew each time, for more than the rest of a small transaction costs.
    private async Task<List<(InboxPlace Place, long Epoch)>> LockAsync(IReadOnlyList<InboxPlace> places, string @lock, CancellationToken cancellationToken)
    {
        var (group, topic, partition) = (Column(nameof(InboxPositionRow.Group)), Column(nameof(InboxPositionRow.Topic)), Column(nameof(InboxPositionRow.Partition)));
        var conditions = places.Select((_, at) => $"({group} = {{{3 * at}}} AND {topic} = {{{(3 * at) + 1}}} AND {partition} = {{{(3 * at) + 2}}})");
        var statement = $"SELECT {group}, {topic}, {partition}, {Column(nameof(InboxPositionRow.Epoch))} FROM {Table} WHERE ({string.Join(" OR ", conditions)}) {(_locks ? @lock : "")}";
        var command = context.GetService<IRawSqlCommandBuilder>().Build(statement, places.SelectMany(place => new object[] { place.Group, place.Topic, place.Partition }), context.Model);
        var found = new List<(InboxPlace Place, long Epoch)>(places.Count);
        var execution = new RelationalCommandParameterObject(
            context.GetService<IRelationalConnection>(), command.ParameterValues, readerColumns: null, context, context.GetService<IRelationalCommandDiagnosticsLogger>(), CommandSource.FromSqlQuery);
        var rows = await command.RelationalCommand.ExecuteReaderAsync(execution, cancellationToken).ConfigureAwait(false);

        await using (rows.ConfigureAwait(false))
        {
            while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var row = rows.DbDataReader;
                found.Add((new InboxPlace(row.GetString(0), row.GetString(1), row.GetInt32(2)), row.GetInt64(3)));
            }
        }

        return found;
    }

    private string Column(string property) => _sql.DelimitIdentifier(_row.FindProperty(property)!.GetColumnName());
}
