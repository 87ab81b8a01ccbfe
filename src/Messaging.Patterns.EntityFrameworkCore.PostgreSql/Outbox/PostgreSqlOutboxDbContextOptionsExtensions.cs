using Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Prepares contexts that are built without the application's services, such as by an <c>IDesignTimeDbContextFactory</c>.</summary>
public static class PostgreSqlOutboxDbContextOptionsExtensions
{
    /// <summary>
    /// Lets the model and the migrations of a context have what the outbox needs on PostgreSQL. <c>AddPostgreSqlOutbox</c> does it for the contexts that the
    /// application's services build; only a factory for design time needs to call it.
    /// </summary>
    /// <param name="options">The context's options.</param>
    public static DbContextOptionsBuilder UsePostgreSqlOutbox(this DbContextOptionsBuilder options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(options.Options.FindExtension<PostgreSqlOutboxExtension>() ?? new PostgreSqlOutboxExtension());
        return options;
    }
}
