using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Tells a context of its event store.</summary>
internal sealed class EventStoreExtension : IDbContextOptionsExtension
{
    public EventStoreExtension(StoreParts parts) => (Parts, Info) = (parts, new ExtensionInfo(this));

    public StoreParts Parts { get; }

    public DbContextOptionsExtensionInfo Info { get; }

    public void ApplyServices(IServiceCollection services)
    {
    }

    public void Validate(IDbContextOptions options)
    {
    }

    private sealed class ExtensionInfo(IDbContextOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "using Messaging.Patterns event store ";

        public override int GetServiceProviderHashCode() => 0;

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["MessagingPatterns:EventStore"] = "1";
    }
}
