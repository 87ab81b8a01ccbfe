using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Model;

/// <summary>A context whose tables are where a test says, and come from migrations.</summary>
public sealed class MigratedContext(DbContextOptions<MigratedContext> options, Action<MessagingTables>? configure = null) : DbContext(options)
{
    public Action<MessagingTables>? Tables { get; } = configure;

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns(Tables);

    /// <summary>Lets every context have a model of its own, since each may name its tables differently.</summary>
    internal sealed class ModelPerContext : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) => (context, designTime);
    }
}
