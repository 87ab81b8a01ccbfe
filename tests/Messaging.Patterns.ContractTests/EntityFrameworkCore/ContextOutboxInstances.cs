using Messaging.Patterns.ContractTests.Outbox;
using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.ContractTests.EntityFrameworkCore;

/// <summary>Two processes with one database, in which one context has its tables; another context has an outbox too.</summary>
public abstract class ContextOutboxInstances : Instances
{
    protected override async Task<IHost> StartAsync()
    {
        var use = await PrepareAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var messaging = builder.Services.AddMessagingPatterns().AddContractEvents()
            .AddRoute<Opened>(OutboxContract.Topic, opened => opened.Owner)
            .AddRoute<Unwritable>(OutboxContract.Topic, _ => "key");
        AddOutbox<ContractContext>(messaging);
        AddOutbox<OtherContractContext>(messaging);
        builder.Services.AddDbContext<ContractContext>(options => use(options)).AddDbContext<OtherContractContext>(options => use(options));

        // Of two contexts none is the one that is meant when no type is named; the suite asks so.
        builder.Services.Replace(ServiceDescriptor.Scoped<IOutbox>(services => services.GetRequiredService<Messaging.Patterns.EntityFrameworkCore.Outbox.IOutbox<ContractContext>>()));
        var host = builder.Build();

        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<ContractContext>().Database.EnsureCreatedAsync();
        }

        await host.StartAsync();
        return host;
    }

    /// <summary>Makes the database, unless there is one, and returns how contexts use it.</summary>
    protected abstract Task<Action<DbContextOptionsBuilder>> PrepareAsync();

    /// <summary>Gives a context its outbox.</summary>
    protected abstract void AddOutbox<TContext>(IMessagingPatternsBuilder builder)
        where TContext : DbContext;
}

/// <summary>The context of the suites.</summary>
public sealed class ContractContext(DbContextOptions<ContractContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns();
}

/// <summary>Another context of the same database.</summary>
public sealed class OtherContractContext(DbContextOptions<OtherContractContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns();
}
