using System.Data.Common;
using System.Diagnostics;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Chaos.Outbox.Processes;

/// <summary>Writes events in transactions, short and long ones, beside other clients that write the same keys.</summary>
/// <param name="scopes">Makes contexts.</param>
/// <param name="journal">Takes what became of transactions.</param>
/// <param name="random">Chooses.</param>
/// <param name="direct">Sends events past the outbox, in a process that is to be found out.</param>
internal sealed class WriterClient(IServiceScopeFactory scopes, Journal<Entry> journal, Random random, IEventPublisher? direct)
{
    public const int PerProcess = 4;

    /// <summary>A writer that sends some events itself, before their transaction ends.</summary>
    public const string DirectWriter = "direct-writer";

    private const int Keys = 8;

    public async Task RunAsync(CancellationToken working)
    {
        while (!working.IsCancellationRequested)
        {
            var ids = new List<string>();

            // A transaction that has begun is ended, also when the process is told to stop.
            journal.Write(new TransactionEnded(Stopwatch.GetTimestamp(), ids, await TryAsync(ids)));
            await Task.Delay(random.Next(5, 200), working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool?> TryAsync(List<string> ids)
    {
        var isEnding = false;

        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var shop = scope.ServiceProvider.GetRequiredService<ShopContext>();
            await using var transaction = await shop.Database.BeginTransactionAsync();
            await WriteAsync(shop, ids);
            isEnding = true;
            return await EndAsync(transaction);
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            return isEnding ? null : false;
        }
    }

    private async Task WriteAsync(ShopContext shop, List<string> ids)
    {
        // Half of the transactions write something else before: another table, or an event of another key.
        switch (random.Next(4))
        {
            case 0:
                shop.Notes.Add(new Note { Text = "first" });
                await shop.SaveChangesAsync(CancellationToken.None);
                break;
            case 1:
                await AddAsync(shop, ids, random.Next(Keys));
                break;
        }

        await HoldAsync();
        await AddAsync(shop, ids, random.Next(Keys));
        await HoldAsync();
    }

    /// <summary>Adds an event and its line in the ledger.</summary>
    private async Task AddAsync(ShopContext shop, List<string> ids, int key)
    {
        var (name, id) = ($"key-{key}", Guid.NewGuid().ToString("N"));
        ids.Add(id);

        if (direct is not null && random.Next(20) == 0)
        {
            await direct.PublishAsync(new EventData(new Placed(name)) { Id = id });
        }

        // Of even keys the counter is taken before the event is written, of odd ones after it: then only the outbox's own lock orders the two.
        var number = key % 2 == 0 ? await shop.TakeAsync(name, CancellationToken.None) : 0;
        shop.AddOutboxEvent(new EventData(new Placed(name)) { Id = id });
        await shop.SaveChangesAsync(CancellationToken.None);
        number = key % 2 == 0 ? number : await shop.TakeAsync(name, CancellationToken.None);
        shop.Ledger.Add(new LedgerRow { Key = name, Number = number, EventId = id });
        await shop.SaveChangesAsync(CancellationToken.None);
    }

    // Most go on at once, some stay open for seconds.
    private Task HoldAsync() => random.Next(20) switch
    {
        0 => Task.Delay(random.Next(100, 2_000)),
        < 4 => Task.Delay(random.Next(1, 50)),
        _ => Task.CompletedTask,
    };

    private async Task<bool?> EndAsync(IDbContextTransaction transaction)
    {
        if (random.Next(10) == 0)
        {
            await transaction.RollbackAsync();
            return false;
        }

        await transaction.CommitAsync();
        return true;
    }

    // EF Core says of some passing faults of the database that a strategy for retries would help.
    private static bool IsOfDatabase(Exception exception) =>
        exception is DbException or DbUpdateException or TimeoutException or IOException || (exception is InvalidOperationException { InnerException: { } inner } && IsOfDatabase(inner));
}
