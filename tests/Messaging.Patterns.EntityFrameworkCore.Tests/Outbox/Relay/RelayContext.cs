using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>A context with nothing but the library's tables.</summary>
public sealed class RelayContext(DbContextOptions<RelayContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns();
}
