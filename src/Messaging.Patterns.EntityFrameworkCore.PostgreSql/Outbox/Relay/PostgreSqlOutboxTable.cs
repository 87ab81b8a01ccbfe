using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Outbox.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox.Relay;

/// <summary>The outbox of a context on PostgreSQL, as the relay works on it.</summary>
/// <param name="services">Where contexts come from.</param>
/// <param name="options">Whether statements are prepared, which poolers that share connections between transactions may not bear; and whether a deletion must last.</param>
internal sealed class PostgreSqlOutboxTable<TContext>(IServiceProvider services, OutboxRelayOptions options) : IOutboxTable
    where TContext : DbContext
{
    private readonly KeptConnection<TContext> _kept = new(services);
    private RelaySql? _sql;

    public int Buckets => BucketSlots.Count;

    private RelaySql Sql => _sql ?? throw new InvalidOperationException("The tables were not verified.");

    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        try
        {
            _sql = await ContextConnection.RunAsync<TContext, RelaySql>(services, async (context, token) =>
            {
                var sql = new RelaySql(new(context.Model, context.GetService<ISqlGenerationHelper>()));
                await context.Database.ExecuteSqlRawAsync(sql.AddSlots, token).ConfigureAwait(false);
                await context.Database.ExecuteSqlRawAsync(sql.Verify, token).ConfigureAwait(false);
                return sql;
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            throw new MessagingException(
                $"The tables of the outbox of {typeof(TContext).Name} are not as this version needs them: {exception.MessageText}. Add a migration (dotnet ef migrations add Outbox) and apply it.", exception);
        }
    }

    public Task<string> GetIdentityAsync(CancellationToken cancellationToken) => QueryAsync([new(Sql.Identity)], async (reader, token) =>
    {
        await reader.ReadAsync(token).ConfigureAwait(false);
        return reader.GetString(0);
    }, cancellationToken);

    public async Task<LeaseAnswer> RenewAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        // Now and then a connection goes back to its pool, which knows how old one may become.
        await _kept.CloseAsync().ConfigureAwait(false);
        return await QueryAsync([.. Sql.Renew.Select(text => Command(text, request.Instance, request.Duration, request.GiveBack.ToArray())), new(RelaySql.SelectRun)], ReadLeasesAsync, cancellationToken).ConfigureAwait(false);
    }

    public async Task ReleaseAsync(string instance, CancellationToken cancellationToken)
    {
        await _kept.CloseAsync().ConfigureAwait(false);
        await ExecuteAsync([Command(Sql.Release, instance), Command(Sql.Leave, instance)], cancellationToken).ConfigureAwait(false);
    }

    public Task<OutboxPage> ReadAsync(PageRequest request, IReadOnlyCollection<int> buckets, int limit, CancellationToken cancellationToken) => _kept.RunAsync(async (context, token) =>
    {
        var batch = Batch(context, [new(RelaySql.ByIndex), Read(request, buckets, limit)]);

        await using (batch.ConfigureAwait(false))
        {
            if (options.ListenForCommits)
            {
                // Once for a connection: what is prepared there already is not prepared again.
                await batch.PrepareAsync(token).ConfigureAwait(false);
            }

            return await QueryAsync(batch, (reader, cancellation) => ReadPageAsync(request, reader, limit, cancellation), token).ConfigureAwait(false);
        }
    }, cancellationToken);

    public Task<DueRows> MoveDueAsync(IReadOnlyCollection<int> buckets, int limit, CancellationToken cancellationToken) =>
        QueryAsync([Command(Sql.MoveDue, buckets.ToArray(), limit), new(Sql.NextDue)], async (reader, token) =>
        {
            await reader.ReadAsync(token).ConfigureAwait(false);
            var moved = (int)reader.GetInt64(0);
            await reader.NextResultAsync(token).ConfigureAwait(false);
            await reader.ReadAsync(token).ConfigureAwait(false);
            return new DueRows(moved, reader.IsDBNull(0) ? null : TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(0))));
        }, cancellationToken);

    public Task<bool> DeleteAsync(IReadOnlyList<long> ids, string run, CancellationToken cancellationToken) => QueryAsync(
        [new(RelaySql.SelectRun), new(RelaySql.ByIndex), .. options.UseTransactions ? Array.Empty<NpgsqlBatchCommand>() : [new(RelaySql.Hurry)], Command(Sql.Delete, ids.Order().ToArray(), run)],
        async (reader, token) => await ReadRunAsync(reader, token).ConfigureAwait(false) == run, cancellationToken);

    public Task<bool> ParkAsync(RelayRow row, long token, CancellationToken cancellationToken) =>
        QueryAsync([Command(Sql.Park, row.Id, row.Bucket, token, row.Reason ?? "", row.Failures + 1, row.Run!)], async (reader, cancellation) =>
        {
            await reader.ReadAsync(cancellation).ConfigureAwait(false);
            return reader.GetInt64(0) > 0;
        }, cancellationToken);

    public Task<OutboxBacklog> MeasureAsync(long from, CancellationToken cancellationToken) => QueryAsync([new(RelaySql.ByIndex), Command(Sql.Measure, from)], async (reader, token) =>
    {
        await reader.NextResultAsync(token).ConfigureAwait(false);
        await reader.ReadAsync(token).ConfigureAwait(false);
        return new OutboxBacklog(reader.GetInt64(0), reader.IsDBNull(1) ? null : TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(1))), reader.GetInt64(2));
    }, cancellationToken);

    public Task<IReadOnlyList<ParkedEvent>> GetParkedAsync(int atMost, CancellationToken cancellationToken) =>
        QueryAsync<IReadOnlyList<ParkedEvent>>([Command(Sql.GetParked, atMost)], async (reader, token) =>
        {
            var parked = new List<ParkedEvent>();

            while (await reader.ReadAsync(token).ConfigureAwait(false))
            {
                parked.Add(new(
                    reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetInt32(4),
                    reader.GetFieldValue<DateTimeOffset>(5)));
            }

            return parked;
        }, cancellationToken);

    public Task<int> ReplayAsync(string key, CancellationToken cancellationToken)
    {
        var bucket = KeyBucket.Of(key);

        // Separate statements: what was committed while the lock was waited for is seen.
        return QueryAsync([Command(Sql.Lock, bucket), Command(Sql.Replay, bucket, key)], async (reader, token) =>
        {
            await reader.NextResultAsync(token).ConfigureAwait(false);
            await reader.ReadAsync(token).ConfigureAwait(false);
            return (int)reader.GetInt64(0);
        }, cancellationToken);
    }

    public async Task<bool> SkipAsync(long id, CancellationToken cancellationToken)
    {
        var found = await QueryAsync([Command(Sql.KeyOfParked, id)], async (reader, token) =>
            await reader.ReadAsync(token).ConfigureAwait(false) ? (reader.GetInt32(0), reader.GetString(1)) : ((int Bucket, string Key)?)null, cancellationToken).ConfigureAwait(false);

        if (found is not { } key)
        {
            return false;
        }

        await ExecuteAsync([Command(Sql.Lock, key.Bucket), Command(Sql.Skip, id), Command(Sql.Free, key.Bucket, key.Key, id)], cancellationToken).ConfigureAwait(false);
        return true;
    }

    // Instances have slots below 0.
    private static async Task<LeaseAnswer> ReadLeasesAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var granted = new List<(int, long)>();
        var instances = 0;

        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.GetInt32(0) < 0)
            {
                instances++;
            }
            else
            {
                granted.Add((reader.GetInt32(0), reader.GetInt64(1)));
            }
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return new(granted, instances, await ReadRunAsync(reader, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<string> ReadRunAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return reader.GetString(0);
    }

    private static async Task<OutboxPage> ReadPageAsync(PageRequest request, NpgsqlDataReader reader, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<RelayRow>();
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var snapshot = request.AsOf ?? DatabaseSnapshot.Parse(reader.GetString(2));
        var run = reader.GetString(3);

        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(OutboxRecords.Row(
                new(reader.GetInt64(0), reader.GetInt32(1), reader.GetString(3), reader.GetBoolean(6)),
                reader.GetString(2), reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4), reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return new(snapshot, rows, rows.Count == 0 ? null : rows[^1].Id, rows.Count == limit, run);
    }

    private NpgsqlBatchCommand Read(PageRequest request, IReadOnlyCollection<int> buckets, int limit)
    {
        var command = new NpgsqlBatchCommand(request.Late is null ? Sql.ReadNew : Sql.Read)
        {
            Parameters =
            {
                new NpgsqlParameter<int[]> { TypedValue = [.. buckets] },
                new NpgsqlParameter<int> { TypedValue = limit },
                new NpgsqlParameter<long> { TypedValue = request.After },
                Transaction(request.AsOf?.Next ?? ulong.MaxValue),
                Transactions(request.AsOf?.Open ?? []),
            },
        };

        if (request.Late is { } late)
        {
            command.Parameters.Add(Transaction(late.From));
            command.Parameters.Add(Transactions(late.Open));
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = late.After });
        }

        return command;
    }

    private static NpgsqlParameter<ulong> Transaction(ulong id) => new() { TypedValue = id, NpgsqlDbType = NpgsqlDbType.Xid8 };

    private static NpgsqlParameter<ulong[]> Transactions(IReadOnlyList<ulong> ids) => new() { TypedValue = [.. ids], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Xid8 };

    private static NpgsqlBatchCommand Command(string text, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlBatchCommand(text);

        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }

    private Task<int> ExecuteAsync(IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken cancellationToken) =>
        QueryAsync(commands, static (_, _) => Task.FromResult(0), cancellationToken);

    /// <summary>Runs several statements in one round trip, and in one transaction of their own.</summary>
    private Task<T> QueryAsync<T>(IReadOnlyList<NpgsqlBatchCommand> commands, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        ContextConnection.RunAsync<TContext, T>(services, async (context, token) =>
        {
            var batch = Batch(context, commands);

            await using (batch.ConfigureAwait(false))
            {
                return await QueryAsync(batch, read, token).ConfigureAwait(false);
            }
        }, cancellationToken);

    private static async Task<T> QueryAsync<T>(NpgsqlBatch batch, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);

        await using (reader.ConfigureAwait(false))
        {
            var result = await read(reader, cancellationToken).ConfigureAwait(false);

            // What went wrong in a statement behind is told only when its result is asked for.
            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
            }

            return result;
        }
    }

    private static NpgsqlBatch Batch(TContext context, IReadOnlyList<NpgsqlBatchCommand> commands)
    {
        var batch = new NpgsqlBatch((NpgsqlConnection)context.Database.GetDbConnection());

        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        return batch;
    }
}
