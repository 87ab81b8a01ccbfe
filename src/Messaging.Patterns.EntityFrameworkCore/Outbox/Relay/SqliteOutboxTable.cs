using System.Text.Json;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Outbox.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>
/// The outbox of a context on SQLite, as the relay works on it. SQLite has one writer at a time: numbers become visible in their order, so no row is late. One
/// instance sends, by one lease for all keys; others wait for it to end. The clock of the database is the host's.
/// </summary>
internal sealed class SqliteOutboxTable<TContext>(IServiceProvider services, TimeProvider time) : IOutboxTable
    where TContext : DbContext
{
    private const int OnlySlot = 0;

    // Nothing is ever late, so each snapshot is like the last.
    private static readonly DatabaseSnapshot Unchanged = new(1, []);

    // A database that is a library in this process does not go back without it.
    private const string OnlyRun = "";

    private SqliteRelaySql? _sql;

    public int Buckets => BucketSlots.Count;

    private SqliteRelaySql Sql => _sql ?? throw new InvalidOperationException("The tables were not verified.");

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    public Task VerifyAsync(CancellationToken cancellationToken) => RunAsync(async (context, token) =>
    {
        if (context.Database.ProviderName != OutboxTables.Sqlite)
        {
            throw new MessagingException(
                $"The relay of AddOutboxRelay<{typeof(TContext).Name}>() is for SQLite, and the context is on '{context.Database.ProviderName}'. For PostgreSQL call AddPostgreSqlOutboxRelay<{typeof(TContext).Name}>() of package Messaging.Patterns.EntityFrameworkCore.PostgreSql.");
        }

        if (await OutboxTables.FindFaultsAsync(context, token).ConfigureAwait(false) is { Count: > 0 } faults)
        {
            throw new MessagingTablesException(typeof(TContext).Name, faults);
        }

        _sql = new(new(context.Model, context.GetService<ISqlGenerationHelper>()));
        return true;
    }, cancellationToken);

    public Task<string> GetIdentityAsync(CancellationToken cancellationToken) =>
        throw new MessagingException($"A database of SQLite has nothing that tells it from others. Set {nameof(OutboxRelayOptions.TransactionalIdPrefix)}.");

    public Task<LeaseAnswer> RenewAsync(LeaseRequest request, CancellationToken cancellationToken) => WriteAsync(async (context, token) =>
    {
        var lease = await context.Set<OutboxLease>().SingleOrDefaultAsync(one => one.Slot == OnlySlot, token).ConfigureAwait(false)
            ?? context.Add(new OutboxLease { Slot = OnlySlot }).Entity;

        if (lease.Owner is { } owner && owner != request.Instance && lease.ExpiresAt >= Now)
        {
            return new LeaseAnswer([], 1, OnlyRun);
        }

        lease.Token += lease.Owner == request.Instance ? 0 : 1;
        (lease.Owner, lease.ExpiresAt) = (request.Instance, Now + request.Duration);
        await context.SaveChangesAsync(token).ConfigureAwait(false);
        return new([.. Enumerable.Range(0, BucketSlots.Count).Select(slot => (slot, lease.Token))], 1, OnlyRun);
    }, cancellationToken);

    public Task ReleaseAsync(string instance, CancellationToken cancellationToken) => RunAsync((context, token) =>
        context.Set<OutboxLease>().Where(lease => lease.Owner == instance).ExecuteUpdateAsync(
            lease => lease.SetProperty(one => one.Owner, (string?)null).SetProperty(one => one.ExpiresAt, (DateTime?)null), token), cancellationToken);

    public Task<OutboxPage> ReadAsync(PageRequest request, IReadOnlyCollection<int> buckets, int limit, CancellationToken cancellationToken) => RunAsync(async (context, token) =>
    {
        var parked = context.Set<ParkedOutboxRow>();
        var found = await context.Set<OutboxRow>().AsNoTracking().Where(row => row.Id > request.After).OrderBy(row => row.Id).Take(limit)
            .Select(row => new { Row = row, IsHeldBack = parked.Any(one => one.Bucket == row.Bucket && one.Key == row.Key) })
            .ToListAsync(token).ConfigureAwait(false);
        var rows = found.Select(one => OutboxRecords.Row(
            new(one.Row.Id, one.Row.Bucket, one.Row.Key, one.IsHeldBack), one.Row.Topic, one.Row.Value, one.Row.Headers)).ToList();
        return new OutboxPage(Unchanged, rows, rows.Count == 0 ? null : rows[^1].Id, rows.Count == limit, OnlyRun);
    }, cancellationToken);

    public Task<DueRows> MoveDueAsync(IReadOnlyCollection<int> buckets, int limit, CancellationToken cancellationToken) => WriteAsync(async (context, token) =>
    {
        var now = Now;
        var moved = await ExecuteAsync(context, Sql.MoveDue, [now, limit], token).ConfigureAwait(false);
        var next = await context.Set<DelayedOutboxRow>().MinAsync(row => (DateTime?)row.NotBefore, token).ConfigureAwait(false);
        return new DueRows(moved, next is { } due ? due > now ? due - now : TimeSpan.Zero : null);
    }, cancellationToken);

    public Task<bool> DeleteAsync(IReadOnlyList<long> ids, string run, CancellationToken cancellationToken) => WriteAsync(async (context, token) =>
    {
        await ExecuteAsync(context, Sql.Delete, [JsonSerializer.Serialize(ids), Now], token).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    public Task<bool> ParkAsync(RelayRow row, long token, CancellationToken cancellationToken) => WriteAsync(async (context, cancellation) =>
    {
        var isHeld = await context.Set<OutboxLease>().AnyAsync(lease => lease.Slot == OnlySlot && lease.Token == token, cancellation).ConfigureAwait(false);

        if (isHeld)
        {
            await ExecuteAsync(context, Sql.Park, [row.Id, Now, row.Reason ?? "", row.Failures + 1], cancellation).ConfigureAwait(false);
        }

        return isHeld;
    }, cancellationToken);

    public Task<OutboxBacklog> MeasureAsync(long from, CancellationToken cancellationToken) => RunAsync(async (context, token) =>
    {
        var waiting = context.Set<OutboxRow>().Where(row => row.Id >= from);
        var oldest = await waiting.OrderBy(row => row.Id).Select(row => (DateTime?)row.CreatedAt).FirstOrDefaultAsync(token).ConfigureAwait(false);
        return new OutboxBacklog(
            await waiting.LongCountAsync(token).ConfigureAwait(false),
            oldest is { } created ? created < Now ? Now - created : TimeSpan.Zero : null,
            await context.Set<ParkedOutboxRow>().LongCountAsync(token).ConfigureAwait(false));
    }, cancellationToken);

    public Task<IReadOnlyList<ParkedEvent>> GetParkedAsync(int atMost, CancellationToken cancellationToken) => RunAsync<IReadOnlyList<ParkedEvent>>(async (context, token) =>
    {
        var rows = await context.Set<ParkedOutboxRow>().AsNoTracking().OrderBy(row => row.Id).Take(atMost).ToListAsync(token).ConfigureAwait(false);
        return [.. rows.Select(row => new ParkedEvent(row.Id, row.Topic, row.Key, row.Reason, row.Attempts, row.ParkedAt))];
    }, cancellationToken);

    public Task<int> ReplayAsync(string key, CancellationToken cancellationToken) => WriteAsync(async (context, token) =>
        await FirstParkedAsync(context, key, token).ConfigureAwait(false) is { } first ? await RenumberAsync(context, key, first, token).ConfigureAwait(false) : 0, cancellationToken);

    public Task<bool> SkipAsync(long id, CancellationToken cancellationToken) => WriteAsync(async (context, token) =>
    {
        var parked = context.Set<ParkedOutboxRow>();

        if (await parked.Where(row => row.Id == id).Select(row => row.Key).SingleOrDefaultAsync(token).ConfigureAwait(false) is not { } key)
        {
            return false;
        }

        await parked.Where(row => row.Id == id).ExecuteDeleteAsync(token).ConfigureAwait(false);

        if (await FirstParkedAsync(context, key, token).ConfigureAwait(false) is null)
        {
            await RenumberAsync(context, key, id, token).ConfigureAwait(false);
        }

        return true;
    }, cancellationToken);

    private static Task<long?> FirstParkedAsync(TContext context, string key, CancellationToken cancellationToken) =>
        context.Set<ParkedOutboxRow>().Where(row => row.Bucket == KeyBucket.Of(key) && row.Key == key).MinAsync(row => (long?)row.Id, cancellationToken);

    private async Task<int> RenumberAsync(TContext context, string key, long from, CancellationToken cancellationToken)
    {
        var last = await context.Set<OutboxRow>().MaxAsync(row => (long?)row.Id, cancellationToken).ConfigureAwait(false) ?? 0;
        return await ExecuteAsync(context, Sql.Replay, [KeyBucket.Of(key), key, from, last], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Executes statements with the same parameters, and returns how many rows the first concerned.</summary>
    private static async Task<int> ExecuteAsync(TContext context, string[] statements, object[] parameters, CancellationToken cancellationToken)
    {
        var first = await context.Database.ExecuteSqlRawAsync(statements[0], parameters, cancellationToken).ConfigureAwait(false);

        foreach (var statement in statements.Skip(1))
        {
            await context.Database.ExecuteSqlRawAsync(statement, parameters, cancellationToken).ConfigureAwait(false);
        }

        return first;
    }

    private Task<T> RunAsync<T>(Func<TContext, CancellationToken, Task<T>> action, CancellationToken cancellationToken) =>
        ContextConnection.RunAsync(services, action, cancellationToken);

    // The transaction begins as a writer, so that nobody else writes between what it reads and what it writes.
    private Task<T> WriteAsync<T>(Func<TContext, CancellationToken, Task<T>> action, CancellationToken cancellationToken) => RunAsync(async (context, token) =>
    {
        var transaction = await context.Database.BeginTransactionAsync(token).ConfigureAwait(false);

        await using (transaction.ConfigureAwait(false))
        {
            var result = await action(context, token).ConfigureAwait(false);
            await transaction.CommitAsync(token).ConfigureAwait(false);
            return result;
        }
    }, cancellationToken);
}
