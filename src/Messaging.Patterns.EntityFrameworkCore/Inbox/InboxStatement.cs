using System.Data.Common;
using System.Globalization;
using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>
/// The statement that writes down that events are handled, and returns those that were not. PostgreSQL takes an array for each column, so that it parses the same short text whatever the batch; SQLite
/// a parameter for each value.
/// </summary>
internal sealed class InboxStatement
{
    private const string Annotation = "Messaging.Patterns:InboxStatement";

    private static readonly string[] Columns =
    [
        nameof(InboxRow.Group), nameof(InboxRow.Source), nameof(InboxRow.EventId), nameof(InboxRow.Topic), nameof(InboxRow.Partition), nameof(InboxRow.Offset),
        nameof(InboxRow.FrameIndex), nameof(InboxRow.Epoch), nameof(InboxRow.HandledAt),
    ];

    private static readonly string[] Place = [nameof(InboxRow.Topic), nameof(InboxRow.Partition), nameof(InboxRow.Offset), nameof(InboxRow.FrameIndex)];

    private readonly bool _takesArrays;
    private readonly string _begin;
    private readonly string _end;

    private InboxStatement(DbContext context, IEntityType row)
    {
        var sql = context.GetService<ISqlGenerationHelper>();
        var table = sql.DelimitIdentifier(row.GetTableName()!, row.GetSchema());
        _takesArrays = context.Database.ProviderName != OutboxTables.Sqlite;
        _begin = $"INSERT INTO {table} ({string.Join(", ", Columns.Select(Column))}) ";
        _end =
            $"""
             ON CONFLICT ({Column(nameof(InboxRow.Group))}, {Column(nameof(InboxRow.Source))}, {Column(nameof(InboxRow.EventId))}) DO UPDATE
            SET {Excluded(nameof(InboxRow.Epoch))}, {Excluded(nameof(InboxRow.HandledAt))}
            WHERE {table}.{Column(nameof(InboxRow.Epoch))} < excluded.{Column(nameof(InboxRow.Epoch))}
            AND {string.Join(" AND ", Place.Select(name => $"{table}.{Column(name)} = excluded.{Column(name)}"))}
            RETURNING {Column(nameof(InboxRow.Source))}, {Column(nameof(InboxRow.EventId))}
            """;

        string Column(string property) => sql.DelimitIdentifier(row.FindProperty(property)!.GetColumnName());
        string Excluded(string property) => $"{Column(property)} = excluded.{Column(property)}";
    }

    /// <summary>Returns that of a context, which is made once for its model.</summary>
    /// <exception cref="MessagingTablesException">The model has no inbox.</exception>
    public static InboxStatement Of(DbContext context)
    {
        var row = context.Model.FindEntityType(typeof(InboxRow))
            ?? throw new MessagingTablesException(context.GetType().Name, ["its model has no inbox. Call modelBuilder.AddMessagingPatterns() in OnModelCreating, and add a migration."]);
        return row.GetOrAddRuntimeAnnotationValue(Annotation, static made => new InboxStatement(made.Context, made.Row), (Context: context, Row: row));
    }

    /// <summary>Writes the statement for some events.</summary>
    public void WriteTo(DbCommand command, EventContext[] events, DateTime now)
    {
        Array[] columns =
        [
            Array.ConvertAll(events, one => one.Group),
            Array.ConvertAll(events, one => one.Source),
            Array.ConvertAll(events, one => one.EventId),
            Array.ConvertAll(events, one => one.Topic),
            Array.ConvertAll(events, one => one.Partition),
            Array.ConvertAll(events, one => one.Offset),
            Array.ConvertAll(events, one => one.Index),
            Array.ConvertAll(events, one => one.Epoch),
            Array.ConvertAll(events, _ => now),
        ];
        command.CommandText = _begin + (_takesArrays ? Arrays(command, columns) : Values(command, columns, events.Length)) + _end;
    }

    // In the order of the arrays, which all transactions keep.
    private static string Arrays(DbCommand command, Array[] columns) => $"SELECT * FROM unnest({string.Join(", ", columns.Select(column => Add(command, column)))})";

    private static string Values(DbCommand command, Array[] columns, int count)
    {
        var rows = new StringBuilder("VALUES ");

        for (var at = 0; at < count; at++)
        {
            rows.Append(at == 0 ? "(" : ", (").AppendJoin(", ", columns.Select(column => Add(command, column.GetValue(at)!))).Append(')');
        }

        return rows.ToString();
    }

    private static string Add(DbCommand command, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{command.Parameters.Count}");
        parameter.Value = value;
        command.Parameters.Add(parameter);
        return parameter.ParameterName;
    }
}
