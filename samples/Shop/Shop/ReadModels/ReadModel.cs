using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.Data.Sqlite;

namespace Shop.ReadModels;

/// <summary>A table that follows from the events of one topic, in a SQLite file that the shop's processes on one machine share.</summary>
/// <remarks>
/// The file may be deleted while none of them runs: it is then built again from the log. It keeps its position itself, with the epoch of the last rewind, in the
/// transaction that changes the table: so every event has its effect once, and a process that lost its partition to another one changes nothing any more. The position counts
/// records, which fits because every append of the shop is one event; where appends hold several, a record is done only after its last one.
/// </remarks>
public abstract class ReadModel : IPositionStore
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    // How far each partition of the topic has been handled: kept in the same transactions as the table itself.
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS identity (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS positions (part TEXT PRIMARY KEY, next INTEGER NOT NULL, epoch INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private readonly SqliteFile _file;
    private readonly string _topic;
    private readonly TimeSpan _waitAtMost;

    /// <summary>Opens the read model, and creates its file when there is none.</summary>
    /// <param name="shop">The shop's configuration.</param>
    /// <param name="file">The name of the file in the shop's data folder.</param>
    /// <param name="topic">The topic whose events the table follows from.</param>
    /// <param name="schema">Creates the table when there is none.</param>
    protected ReadModel(ShopOptions shop, string file, string topic, string schema)
    {
        (_file, _topic, _waitAtMost) = (SqliteFile.Create(shop.PathOf(file), Schema + schema), topic, shop.WaitAtMost);
        using var connection = _file.Open();
        connection.Execute("INSERT OR IGNORE INTO identity VALUES (1, $id)", ("$id", Guid.NewGuid().ToString("N")[..8]));
        Id = connection.Query("SELECT id FROM identity", row => row.GetString(0)).Single();
    }

    /// <summary>Gets the id of the file. The consumer group that fills the file is named after it: a new file is a new group, which begins at the first event.</summary>
    public string Id { get; }

    /// <summary>Applies an event once, however often it comes.</summary>
    /// <param name="context">Where the event comes from.</param>
    /// <param name="sql">Changes the table. <c>$part</c> and <c>$at</c> are the event's partition and offset, by which <see cref="Undo"/> finds the change.</param>
    /// <param name="values">The other parameters of the change.</param>
    public void Apply(EventContext context, string sql, params (string Name, object Value)[] values)
    {
        using var connection = _file.Open();
        using var transaction = connection.BeginTransaction();
        var part = PartOf(context);
        var stored = Find(connection, part) ?? new StoredPosition(0, context.Epoch);

        if (stored.Epoch != context.Epoch)
        {
            throw new InvalidOperationException($"The event is of epoch {context.Epoch}, but '{part}' was rewound in epoch {stored.Epoch}: it has another owner.");
        }

        // A crash before the commit leaves nothing, and the event comes again; after it, the position says that the event has been applied.
        if (context.Offset >= stored.Next)
        {
            connection.Execute(sql, [.. values, ("$part", part), ("$at", context.Offset)]);
            Save(connection, part, new StoredPosition(context.Offset + 1, context.Epoch));
            transaction.Commit();
        }
    }

    /// <summary>Reads from the table.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> map, params (string Name, object Value)[] values)
    {
        using var connection = _file.Open();
        return connection.Query(sql, map, values);
    }

    /// <summary>Changes what does not follow from events.</summary>
    protected void Execute(string sql)
    {
        using var connection = _file.Open();
        connection.Execute(sql);
    }

    /// <summary>Waits until every event up to a position is in the table, whichever process puts it there.</summary>
    /// <param name="position">The position, from an append to the topic; <see langword="null"/> for no wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitForAsync(Position? position, CancellationToken cancellationToken)
    {
        if (position is null)
        {
            return;
        }

        if (position.Parts.Any(part => !part.StartsWith($"{_topic}:", StringComparison.Ordinal)))
        {
            throw new ShopException(ShopError.Invalid, $"'{position}' is not a position of topic '{_topic}', which this table follows from.");
        }

        var started = TimeProvider.System.GetTimestamp();

        while (!GetProgress().Covers(position))
        {
            if (TimeProvider.System.GetElapsedTime(started) > _waitAtMost)
            {
                throw new ShopException(ShopError.NotYet, $"The table has not reached '{position}' yet. Ask again.");
            }

            await Task.Delay(LookAgainAfter, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoredPosition?> ReadAsync(string group, string topic, int partition, CancellationToken cancellationToken = default)
    {
        using var connection = _file.Open();
        return ValueTask.FromResult(Find(connection, PartOf(topic, partition)));
    }

    /// <inheritdoc/>
    public ValueTask<StoredPosition> RewindAsync(string group, string topic, int partition, StoredPosition position, CancellationToken cancellationToken = default)
    {
        var part = PartOf(topic, partition);
        using var connection = _file.Open();
        using var transaction = connection.BeginTransaction();

        if (Find(connection, part) is { } stored && stored.Epoch >= position.Epoch)
        {
            return ValueTask.FromResult(stored);
        }

        // What followed from the events that come again goes in the transaction that makes them come again: a crash leaves both or neither.
        Undo(connection, part, position.Next);
        Save(connection, part, position);
        transaction.Commit();
        return ValueTask.FromResult(position);
    }

    /// <summary>Removes what followed from the events of a partition from an offset on.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="part">The partition, as in <see cref="PartOf(EventContext)"/>.</param>
    /// <param name="from">The offset.</param>
    protected abstract void Undo(SqliteConnection connection, string part, long from);

    /// <summary>Returns the name of an event's partition in the tables.</summary>
    protected static string PartOf(EventContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return PartOf(context.Topic, context.Partition);
    }

    private static string PartOf(string topic, int partition) => $"{topic}:{partition}";

    private Position GetProgress() =>
        Query("SELECT part, next FROM positions", row => Position.At(row.GetString(0), row.GetInt64(1))).Aggregate(Position.Start, (all, part) => all.Merge(part));

    private static StoredPosition? Find(SqliteConnection connection, string part) =>
        connection.Query("SELECT next, epoch FROM positions WHERE part = $part", row => new StoredPosition(row.GetInt64(0), row.GetInt64(1)), ("$part", part)).SingleOrDefault();

    private static void Save(SqliteConnection connection, string part, StoredPosition position) => connection.Execute(
        "INSERT INTO positions VALUES ($part, $next, $epoch) ON CONFLICT (part) DO UPDATE SET next = excluded.next, epoch = excluded.epoch",
        ("$part", part),
        ("$next", position.Next),
        ("$epoch", position.Epoch));
}
