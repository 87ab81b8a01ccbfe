using Messaging.Patterns;
using Microsoft.EntityFrameworkCore;

namespace OutboxToKafka;

/// <summary>The database of each service: SQLite, or PostgreSQL if its connection string names a host.</summary>
internal static class Databases
{
    /// <summary>Registers a context with its outbox and the relay that sends what lies in it.</summary>
    public static IMessagingPatternsBuilder AddDatabase<TContext>(this IMessagingPatternsBuilder messaging, string? connectionString)
        where TContext : DbContext
    {
        if (connectionString?.Contains("Host=", StringComparison.OrdinalIgnoreCase) == true)
        {
            messaging.Services.AddDbContext<TContext>(options => options.UseNpgsql(connectionString));
            return messaging.AddPostgreSqlOutbox<TContext>().AddPostgreSqlOutboxRelay<TContext>();
        }

        messaging.Services.AddDbContext<TContext>(options => options.UseSqlite(connectionString));
        return messaging.AddOutbox<TContext>().AddOutboxRelay<TContext>();
    }

    public static async Task CreateTablesAsync<TContext>(this IServiceProvider services)
        where TContext : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TContext>().Database.EnsureCreatedAsync();
    }
}
