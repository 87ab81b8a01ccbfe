using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore;
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

    /// <summary>Keeps the epoch of events to the end of the current transaction. Nothing to be kept is nothing that was ever rewound.</summary>
    /// <exception cref="PartitionRewoundException">It is not theirs.</exception>
    public async Task KeepEpochAsync(IEnumerable<EventContext> events, CancellationToken cancellationToken)
    {
        // In one order, so that no two transactions with events of several partitions wait for each other.
        foreach (var (place, epoch) in events.Select(one => (Place: InboxPlace.Of(one), one.Epoch)).Distinct().OrderBy(one => one.Place.Topic, StringComparer.Ordinal).ThenBy(one => one.Place.Partition))
        {
            if (await FindEpochAsync(place, "FOR KEY SHARE", cancellationToken).ConfigureAwait(false) is { } stored && stored != epoch)
            {
                throw new PartitionRewoundException(place.Group, place.Topic, place.Partition, epoch, stored);
            }
        }
    }

    /// <summary>Returns the epoch of a partition, and lets nobody who keeps it commit until the current transaction ends.</summary>
    public async Task<long> LockEpochAsync(InboxPlace place, CancellationToken cancellationToken) => (await FindEpochAsync(place, "FOR UPDATE", cancellationToken).ConfigureAwait(false))!.Value;

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

    private async Task<long?> FindEpochAsync(InboxPlace place, string @lock, CancellationToken cancellationToken)
    {
        var statement =
            $"SELECT {Column(nameof(InboxPositionRow.Epoch))} AS \"Value\" FROM {Table} WHERE {Column(nameof(InboxPositionRow.Group))} = {{0}} AND {Column(nameof(InboxPositionRow.Topic))} = {{1}} AND {Column(nameof(InboxPositionRow.Partition))} = {{2}} {(_locks ? @lock : "")}";
        var found = await context.Database.SqlQueryRaw<long>(statement, place.Group, place.Topic, place.Partition).ToListAsync(cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    private string Column(string property) => _sql.DelimitIdentifier(_row.FindProperty(property)!.GetColumnName());
}
