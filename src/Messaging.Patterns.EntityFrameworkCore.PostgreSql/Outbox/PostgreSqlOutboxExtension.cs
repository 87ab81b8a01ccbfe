using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.PostgreSql.Model;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Conventions.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox;

/// <summary>Adds to Entity Framework Core what an outbox table on PostgreSQL needs in model and migrations.</summary>
internal sealed class PostgreSqlOutboxExtension : IDbContextOptionsExtension
{
    public PostgreSqlOutboxExtension() => Info = new ExtensionInfo(this);

    public DbContextOptionsExtensionInfo Info { get; }

    public void ApplyServices(IServiceCollection services)
    {
        // Whether this comes before the provider or after it: the provider adds only what is not there, and of two the last one counts.
        services.AddScoped<IConventionSetPlugin, OutboxNumbersConvention>();
        services.AddScoped<IOutboxNumbers, PostgreSqlOutboxNumbers>();
        services.AddScoped<IMigrationsModelDiffer, OutboxMigrationsModelDiffer>();
    }

    public void Validate(IDbContextOptions options)
    {
    }

    private sealed class ExtensionInfo(IDbContextOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "using Messaging.Patterns outbox on PostgreSQL ";

        public override int GetServiceProviderHashCode() => 0;

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["MessagingPatterns:PostgreSqlOutbox"] = "1";
    }
}
