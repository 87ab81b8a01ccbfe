using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>The library as an application with a database has it: registered in a host, with its defaults.</summary>
internal static class DatabaseHost
{
    public static IHost Build(Action<IServiceCollection> register)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "benchmarks" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        register(builder.Services);
        return builder.Build();
    }

    /// <summary>Creates the tables of a context, beside those of another one if there are any.</summary>
    public static async Task CreateTablesAsync<TContext>(this IHost host)
        where TContext : DbContext
    {
        await using var scope = host.Services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TContext>().Database;

        if (!await database.EnsureCreatedAsync())
        {
            await database.GetService<IRelationalDatabaseCreator>().CreateTablesAsync();
        }
    }
}
