using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Inbox;

/// <summary>A PostgreSQL database whose contexts try again, and are interfered with.</summary>
internal sealed class InterceptedDatabase(PostgreSqlOutboxDatabase database, params IInterceptor[] interceptors) : OutboxDatabase
{
    public override string ConnectionString => database.ConnectionString;

    public override DbContextOptionsBuilder Use(DbContextOptionsBuilder options) => options.UseNpgsql(ConnectionString, npgsql => npgsql.EnableRetryOnFailure()).AddInterceptors(interceptors);

    public override IMessagingPatternsBuilder AddOutbox<TContext>(IMessagingPatternsBuilder builder, Action<OutboxOptions>? configure = null) => database.AddOutbox<TContext>(builder, configure);

    public override ValueTask DisposeAsync() => database.DisposeAsync();
}
