using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>How a database gives outbox rows their numbers while the lock of their key is held: a service of contexts, added by the package of the database.</summary>
public interface IOutboxNumbers
{
    /// <summary>Returns what is wrong in the database, each fault with its remedy.</summary>
    /// <param name="context">A context whose tables are there.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken = default);
}
