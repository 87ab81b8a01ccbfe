using System.Data.Common;
using System.Globalization;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Inserts the events of an append, within the current transaction of a context or in one of the command's own.</summary>
internal sealed class AppendCommand(DbContext context, EventSql sql, EventDatabase database, PreparedAppend append)
{
    /// <summary>Inserts all events or none, and returns number and last version; <see langword="null"/> if the stream is not as expected or has the append already.</summary>
    public async Task<(long Number, long Version)?> ExecuteAsync(CancellationToken cancellationToken)
    {
        (long Number, long Version)? taken = null;

        foreach (var chunk in append.Events.Index().Chunk(database.EventsPerStatement))
        {
            var command = CreateCommand();

            await using (command.ConfigureAwait(false))
            {
                if (taken is { } place)
                {
                    Add(command, "@number", nameof(EventRow.Number), place.Number);
                    Add(command, "@version", nameof(EventRow.Version), place.Version - chunk[0].Index + 1);
                    command.CommandText = database.Add(sql, AddValues(command, chunk));
                }
                else
                {
                    AddExpected(command);
                    command.CommandText = database.Append(sql, append.Expectation, AddValues(command, chunk));
                }

                if (await ReadLastAsync(command, cancellationToken).ConfigureAwait(false) is not { } last)
                {
                    return null;
                }

                taken = last;
            }
        }

        return taken;
    }

    private DbCommand CreateCommand()
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandTimeout = context.Database.GetCommandTimeout() ?? command.CommandTimeout;
        Add(command, "@stream", nameof(EventRow.Stream), append.Stream.ToString());
        Add(command, "@append", nameof(EventRow.AppendId), append.Id.Value);
        return command;
    }

    private void AddExpected(DbCommand command)
    {
        if (append.Expected.Exact is { } version)
        {
            Add(command, "@expected", nameof(EventRow.Version), version);
        }
    }

    private string AddValues(DbCommand command, (int Index, StoredEvent Event)[] events)
    {
        var values = new StringBuilder();

        foreach (var (index, one) in events)
        {
            values.Append(values.Length == 0 ? "(" : ", (").Append(index.ToString(CultureInfo.InvariantCulture));

            foreach (var (property, value) in EventRows.ValuesOf(one))
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"@p{command.Parameters.Count}");
                Add(command, name, property, value);
                values.Append(", ").Append(name);
            }

            values.Append(')');
        }

        return values.ToString();
    }

    private void Add(DbCommand command, string name, string property, object value) => command.Parameters.Add(sql.Parameter(command, name, property, value));

    private static async Task<(long Number, long Version)?> ReadLastAsync(DbCommand command, CancellationToken cancellationToken)
    {
        (long Number, long Version)? last = null;
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);

        await using (reader.ConfigureAwait(false))
        {
            // A statement in front, which takes a lock, answers with one column.
            while (reader.FieldCount < 2 && await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
            }

            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var version = Math.Max(reader.GetInt64(1), last?.Version ?? 0);
                last = (reader.GetInt64(0), version);
            }

            // What went wrong in the end, such as a commit that was refused, is told only here.
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        return last;
    }
}
