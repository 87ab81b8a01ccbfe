using Messaging.Patterns.Outbox;

namespace Messaging.Patterns.ContractTests.Outbox;

/// <summary>A unit of work of the caller, which has an outbox and no transaction, unless it begins one.</summary>
public abstract class OutboxUnit
{
    /// <summary>Gets its outbox.</summary>
    public abstract IOutbox Outbox { get; }

    /// <summary>Begins a transaction.</summary>
    public abstract Task BeginAsync();

    /// <summary>Writes what was added: in the transaction, or in one of its own.</summary>
    public abstract Task SaveAsync();

    /// <summary>Commits the transaction.</summary>
    public abstract Task CommitAsync();

    /// <summary>Rolls the transaction back.</summary>
    public abstract Task RollbackAsync();
}
