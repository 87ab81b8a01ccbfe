using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.ContractTests.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.ContractTests.EntityFrameworkCore;

/// <summary>The outbox of a context; what is in it is read from its tables.</summary>
public abstract class ContextOutboxContract(ContextOutboxInstances instances) : OutboxContract(instances)
{
    /// <summary>What the suites test.</summary>
    public const string Implementation = "Messaging.Patterns.EntityFrameworkCore.Outbox.ContextOutbox`1";

    [Fact]
    public async Task Each_context_has_an_outbox_of_its_own()
    {
        await using var scope = First<IServiceScopeFactory>().CreateAsyncScope();
        var (one, other) = (scope.ServiceProvider.GetRequiredService<ContractContext>(), scope.ServiceProvider.GetRequiredService<OtherContractContext>());

        scope.ServiceProvider.GetRequiredService<IOutbox<ContractContext>>().Add(new Opened("one"));
        scope.ServiceProvider.GetRequiredService<IOutbox<OtherContractContext>>().Add(new Opened("other"));

        Assert.Equal(["one"], one.ChangeTracker.Entries<OutboxRow>().Select(entry => entry.Entity.Key));
        Assert.Equal(["other"], other.ChangeTracker.Entries<OutboxRow>().Select(entry => entry.Entity.Key));
    }

    protected override async Task InUnitAsync(Func<OutboxUnit, Task> work)
    {
        await using var scope = First<IServiceScopeFactory>().CreateAsyncScope();
        await work(new ContextUnit(scope.ServiceProvider.GetRequiredService<ContractContext>(), scope.ServiceProvider.GetRequiredService<IOutbox<ContractContext>>()));
    }

    // With the other instance, as another process has it.
    protected override async Task<IReadOnlyList<OutboxEntry>> ReadAsync(string key)
    {
        await using var scope = Second<IServiceScopeFactory>().CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<ContractContext>();
        var due = await context.Set<OutboxRow>().AsNoTracking().Where(row => row.Key == key).OrderBy(row => row.Id).ToListAsync(Cancellation);
        var delayed = await context.Set<DelayedOutboxRow>().AsNoTracking().Where(row => row.Key == key).OrderBy(row => row.NotBefore).ThenBy(row => row.Id).ToListAsync(Cancellation);
        return [.. due.Select(row => Describe(row, notBefore: null)), .. delayed.Select(row => Describe(row, new DateTimeOffset(row.NotBefore)))];
    }

    private static OutboxEntry Describe(OutboxMessage row, DateTimeOffset? notBefore)
    {
        var written = row.Value is null ? null : CloudEventJson.Read(row.Value);
        return new(row.Topic, row.Key, written?.Id, written?.Type, OutboxHeaders.Read(row.Headers), notBefore);
    }

    private sealed class ContextUnit(DbContext context, IOutbox outbox) : OutboxUnit
    {
        public override IOutbox Outbox => outbox;

        public override Task BeginAsync() => context.Database.BeginTransactionAsync(Cancellation);

        public override Task SaveAsync() => context.SaveChangesAsync(Cancellation);

        public override Task CommitAsync() => context.Database.CommitTransactionAsync(Cancellation);

        public override Task RollbackAsync() => context.Database.RollbackTransactionAsync(Cancellation);
    }
}
