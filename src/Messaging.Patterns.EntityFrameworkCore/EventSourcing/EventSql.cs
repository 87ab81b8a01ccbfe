using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>The statements that append to the table of one model.</summary>
internal sealed class EventSql
{
    /// <summary>The most events that one statement inserts: each takes seven parameters, of which SQLite takes 32,766 and PostgreSQL 65,535.</summary>
    public const int EventsPerStatement = 1_000;

    private const string Sources = "v.column2, v.column3, v.column4, v.column5, v.column6, v.column7";

    private readonly ISqlGenerationHelper _sql;
    private readonly IEntityType _row;
    private readonly string _columns;

    public EventSql(DbContext context)
    {
        _sql = context.GetService<ISqlGenerationHelper>();
        _row = context.Model.FindEntityType(typeof(EventRow))
            ?? throw new MessagingTablesException(context.GetType().Name, ["its model has no event store. Call modelBuilder.AddEventStore() in OnModelCreating, and add a migration."]);
        Table = _sql.DelimitIdentifier(_row.GetTableName()!, _row.GetSchema());
        Number = Column(nameof(EventRow.Number));
        string[] columns =
        [
            nameof(EventRow.Number), nameof(EventRow.Stream), nameof(EventRow.AppendId), nameof(EventRow.Version), nameof(EventRow.Index), nameof(EventRow.EventId),
            nameof(EventRow.Type), nameof(EventRow.Time), nameof(EventRow.ContentType), nameof(EventRow.Metadata), nameof(EventRow.Data),
        ];
        _columns = string.Join(", ", columns.Select(Column));
    }

    /// <summary>Gets the table, delimited.</summary>
    public string Table { get; }

    /// <summary>Gets the column of numbers, delimited.</summary>
    public string Number { get; }

    /// <summary>Gets the name of the trigger that refuses events, delimited.</summary>
    public string Seal => _sql.DelimitIdentifier(SealName);

    /// <summary>Gets the same beside the table: in its schema.</summary>
    public string SealBesideTable => _sql.DelimitIdentifier(SealName, _row.GetSchema());

    /// <summary>Gets what whoever appends to a sealed store is told, as a literal.</summary>
    public string SealReason => Literal($"The event store in table {Table} is sealed: its events were copied to another store, which is to be used now.");

    private string SealName => $"{_row.GetTableName()}_sealed";

    /// <summary>Returns a text, such as a table or column name, as a literal.</summary>
    public static string Literal(string name) => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Gets the name of the column of numbers, as it is.</summary>
    public string NumberName => _row.FindProperty(nameof(EventRow.Number))!.GetColumnName();

    /// <summary>
    /// Appends if the stream is as <paramref name="expectation"/> says and has no append with the id; answers number and version of each event inserted.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="expectation">A condition of <c>head.version</c>.</param>
    /// <param name="values">Rows of index and six parameters.</param>
    public string Append(EventDatabase database, string expectation, string values) =>
        $"""
        {database.Lock(this)}
        WITH head AS (SELECT coalesce(max({Version}), 0) AS version FROM {Table} WHERE {Stream} = @stream),
        drawn AS MATERIALIZED (SELECT {database.NextNumber(this)} AS number)
        INSERT INTO {Table} ({_columns})
        SELECT drawn.number, @stream, @append, head.version + 1 + v.column1, v.column1, {Sources}
        FROM head, drawn, (VALUES {values}) AS v
        WHERE {expectation} AND NOT EXISTS (SELECT 1 FROM {Table} WHERE {Stream} = @stream AND {Column(nameof(EventRow.AppendId))} = @append)
        RETURNING {Number}, {Version}
        """;

    /// <summary>Adds further events to an append that has taken its place in the same transaction.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="firstVersion">The version of its first event.</param>
    /// <param name="values">Rows of index and six parameters.</param>
    public string Add(long number, long firstVersion, string values) =>
        $"""
        INSERT INTO {Table} ({_columns})
        SELECT {number}, @stream, @append, {firstVersion} + v.column1, v.column1, {Sources} FROM (VALUES {values}) AS v
        RETURNING {Number}, {Version}
        """;

    private string Version => Column(nameof(EventRow.Version));

    private string Stream => Column(nameof(EventRow.Stream));

    private string Column(string property) => _sql.DelimitIdentifier(_row.FindProperty(property)!.GetColumnName());
}
