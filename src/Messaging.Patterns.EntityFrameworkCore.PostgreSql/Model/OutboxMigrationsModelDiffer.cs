using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Internal;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update.Internal;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Model;

/// <summary>Lets migrations create the trigger of the outbox table with the table, as statements in the migration that anybody can read and any tool applies.</summary>
[SuppressMessage("Usage", "EF1001", Justification = "There is no other place where a migration can be given statements that follow from the model.")]
internal sealed class OutboxMigrationsModelDiffer(
    IRelationalTypeMappingSource types,
    IMigrationsAnnotationProvider migrationsAnnotations,
    IRelationalAnnotationProvider annotations,
    IRowIdentityMapFactory identities,
    CommandBatchPreparerDependencies dependencies,
    ISqlGenerationHelper sql) : MigrationsModelDiffer(types, migrationsAnnotations, annotations, identities, dependencies)
{
    public override bool HasDifferences(IRelationalModel? source, IRelationalModel? target) =>
        Find(source) != Find(target) || base.HasDifferences(source, target);

    public override IReadOnlyList<MigrationOperation> GetDifferences(IRelationalModel? source, IRelationalModel? target)
    {
        var (before, after) = (Find(source), Find(target));
        var operations = base.GetDifferences(source, target);
        return before == after ? operations : [.. Of(before?.Drop(sql)), .. operations, .. Of(after?.Create(sql, before))];
    }

    private static OutboxNumbers? Find(IRelationalModel? model) => OutboxNumbers.Find(model?.Model);

    private static IEnumerable<SqlOperation> Of(string? statements) => statements is null ? [] : [new SqlOperation { Sql = statements }];
}
