using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>The statements that append to the table of one model.</summary>
internal sealed class EventSql
{
    /// <summary>The columns of values that are inserted, behind the index.</summary>
    public const string Sources = "v.column2, v.column3, v.column4, v.column5, v.column6, v.column7";

    private readonly ISqlGenerationHelper _sql;
    private readonly IEntityType _row;

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
        Columns = string.Join(", ", columns.Select(Column));
    }

    /// <summary>Gets the table, delimited.</summary>
    public string Table { get; }

    /// <summary>Gets the column of numbers, delimited.</summary>
    public string Number { get; }

    /// <summary>Gets the columns that an append fills: number, stream, append id, version, index, and the six that hold an event.</summary>
    public string Columns { get; }

    /// <summary>Gets the name of the trigger that refuses events, delimited.</summary>
    public string Seal => _sql.DelimitIdentifier(SealName);

    /// <summary>Gets the same beside the table: in its schema.</summary>
    public string SealBesideTable => _sql.DelimitIdentifier(SealName, _row.GetSchema());

    /// <summary>Gets what whoever appends to a sealed store is told, as a literal.</summary>
    public string SealReason => Literal($"The event store in table {Table} is sealed: its events were copied to another store, which is to be used now.");

    private string SealName => $"{_row.GetTableName()}_sealed";

    /// <summary>Returns a text, such as a table or column name, as a literal.</summary>
    public static string Literal(string name) => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Gets the table of the number that was drawn last, delimited; there is one on SQL Server only.</summary>
    public string Numbers => _row.Model.FindEntityType(typeof(EventNumberRow)) is { } row ? _sql.DelimitIdentifier(row.GetTableName()!, row.GetSchema())
        : throw new InvalidOperationException("The model was made for another provider than SQL Server: it has no row of numbers.");

    /// <summary>Gets the name of the column of streams, as it is.</summary>
    public string StreamName => _row.FindProperty(nameof(EventRow.Stream))!.GetColumnName();

    /// <summary>Gets the name of the column of numbers, as it is.</summary>
    public string NumberName => _row.FindProperty(nameof(EventRow.Number))!.GetColumnName();

    /// <summary>
    /// Appends if the stream is as <paramref name="expectation"/> says and has no append with the id; answers number and version of each event inserted.
    /// </summary>
    /// <param name="nextNumber">An expression that draws the next number.</param>
    /// <param name="expectation">A condition of <c>head.version</c>.</param>
    /// <param name="values">Rows of index and six parameters.</param>
    public string Append(string nextNumber, string expectation, string values) =>
        $"""
        WITH head AS (SELECT coalesce(max({Version}), 0) AS version FROM {Table} WHERE {Stream} = @stream),
        drawn AS MATERIALIZED (SELECT {nextNumber} AS number)
        INSERT INTO {Table} ({Columns})
        SELECT drawn.number, @stream, @append, head.version + 1 + v.column1, v.column1, {Sources}
        FROM head, drawn, (VALUES {values}) AS v
        WHERE {expectation} AND NOT EXISTS (SELECT 1 FROM {Table} WHERE {Stream} = @stream AND {AppendId} = @append)
        RETURNING {Number}, {Version}
        """;

    /// <summary>Adds further events to an append that has taken its place in the same transaction: its number is <c>@number</c>, the version of its first event <c>@version</c>.</summary>
    /// <param name="values">Rows of index and six parameters.</param>
    public string Add(string values) =>
        $"""
        INSERT INTO {Table} ({Columns})
        SELECT @number, @stream, @append, @version + v.column1, v.column1, {Sources} FROM (VALUES {values}) AS v
        RETURNING {Number}, {Version}
        """;

    /// <summary>Returns a parameter of the type that a column has.</summary>
    /// <param name="command">The command.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="property">The property whose column it is compared with or goes into.</param>
    /// <param name="value">Its value.</param>
    public DbParameter Parameter(DbCommand command, string name, string property, object value) =>
        _row.FindProperty(property)!.GetRelationalTypeMapping().CreateParameter(command, name, value);

    /// <summary>Gets the column of versions, delimited.</summary>
    public string Version => Column(nameof(EventRow.Version));

    /// <summary>Gets the column of streams, delimited.</summary>
    public string Stream => Column(nameof(EventRow.Stream));

    /// <summary>Gets the column of append ids, delimited.</summary>
    public string AppendId => Column(nameof(EventRow.AppendId));

    private string Column(string property) => _sql.DelimitIdentifier(_row.FindProperty(property)!.GetColumnName());
}
