using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.PostgreSql.Model;
using Microsoft.EntityFrameworkCore.Metadata.Conventions.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox;

/// <summary>Adds to Entity Framework Core what an outbox table on PostgreSQL needs in model and migrations.</summary>
internal sealed class PostgreSqlOutboxExtension() : MessagingContextExtension("PostgreSqlOutbox", "outbox on PostgreSQL")
{
    public override void ApplyServices(IServiceCollection services)
    {
        // Whether this comes before the provider or after it: the provider adds only what is not there, and of two the last one counts.
        services.AddScoped<IConventionSetPlugin, OutboxNumbersConvention>();
        services.AddScoped<IOutboxNumbers, PostgreSqlOutboxNumbers>();
        services.AddScoped<IMigrationsModelDiffer, OutboxMigrationsModelDiffer>();
    }
}
