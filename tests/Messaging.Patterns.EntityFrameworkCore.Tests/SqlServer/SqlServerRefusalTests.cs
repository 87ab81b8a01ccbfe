using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>What is not there on SQL Server is refused when the host starts, before any event is lost to it.</summary>
public sealed class SqlServerRefusalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outbox_and_an_inbox_are_refused()
    {
        await using var context = new MigratedContext(new DbContextOptionsBuilder<MigratedContext>().UseSqlServer("Server=none").Options);

        Assert.StartsWith("nothing is known of how 'Microsoft.EntityFrameworkCore.SqlServer' would give rows their numbers", Assert.Single(await OutboxTables.FindFaultsAsync(context, Cancellation)), StringComparison.Ordinal);
        Assert.StartsWith("nothing is known of how SQL Server would let handlers of the same event wait", Assert.Single(await InboxConsumerGroupExtensions.FindFaultsAsync(context, Cancellation)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_store_for_another_database_is_refused_and_the_right_one_named()
    {
        await using var onSqlServer = new EventsContext(new DbContextOptionsBuilder<EventsContext>().UseSqlServer("Server=none").Options);
        await using var onSqlite = new EventsContext(new DbContextOptionsBuilder<EventsContext>().UseSqlite("Data Source=:memory:").Options);

        Assert.Contains("AddSqlServerEventStore<EventsContext>()", Assert.Single(await EventStoreRegistration.FindFaultsAsync(onSqlServer, new SqliteEventDatabase(), Cancellation)), StringComparison.Ordinal);
        Assert.Contains("AddEventStore<EventsContext>()", Assert.Single(await EventStoreRegistration.FindFaultsAsync(onSqlite, new SqlServerEventDatabase(), Cancellation)), StringComparison.Ordinal);
    }
}
