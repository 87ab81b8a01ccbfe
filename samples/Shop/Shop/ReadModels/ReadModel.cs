using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.Data.Sqlite;

namespace Shop.ReadModels;

/// <summary>A table that follows from the events of one topic, in a SQLite file that the shop's processes on one machine share.</summary>
/// <remarks>
/// The file may be deleted while none of them runs: it is then built again from the log. Progress counts records, which fits because every append of the
/// shop is one event; where appends hold several, a record is done only after its last one.
/// </remarks>
public abstract class ReadModel
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    // How far each stream has been applied, and how far each partition of the topic has been handled: kept in the same transactions as the table itself.
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS identity (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS streams (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS progress (part TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
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
    /// <param name="sql">Changes the table.</param>
    /// <param name="values">The parameters of the change.</param>
    public void Apply(EventContext context, string sql, params (string Name, object Value)[] values)
    {
        using var connection = _file.Open();
        using var transaction = connection.BeginTransaction();

        // A crash before the commit leaves nothing, and the event comes again; after it, the stream's version says that the event has been applied.
        if (RaiseVersion(connection, context))
        {
            connection.Execute(sql, values);
        }

        RaiseProgress(connection, context.Position);
        transaction.Commit();
    }

    /// <summary>Reads from the table.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> map, params (string Name, object Value)[] values)
    {
        using var connection = _file.Open();
        return connection.Query(sql, map, values);
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

    private Position GetProgress() =>
        Query("SELECT part, next FROM progress", row => Position.At(row.GetString(0), row.GetInt64(1))).Aggregate(Position.Start, (all, part) => all.Merge(part));

    private static bool RaiseVersion(SqliteConnection connection, EventContext context) => connection.Execute(
        "INSERT INTO streams VALUES ($name, $version) ON CONFLICT (name) DO UPDATE SET version = excluded.version WHERE version < excluded.version",
        ("$name", context.Stream!.ToString()),
        ("$version", context.Version)) == 1;

    private static void RaiseProgress(SqliteConnection connection, Position position)
    {
        foreach (var part in position.Parts)
        {
            connection.Execute(
                "INSERT INTO progress VALUES ($part, $next) ON CONFLICT (part) DO UPDATE SET next = max(next, excluded.next)",
                ("$part", part),
                ("$next", position.Next(part)));
        }
    }
}
