using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Microsoft.EntityFrameworkCore.Metadata.Conventions.Infrastructure;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Model;

/// <summary>
/// Completes the outbox table of a model: numbers come from the trigger alone, and each row names its transaction. Without the trigger the column has no value,
/// and the database refuses the row.
/// </summary>
internal sealed class OutboxNumbersConvention : IModelFinalizingConvention, IConventionSetPlugin
{
    /// <summary>The shadow property with the id of the transaction that added a row.</summary>
    public const string TransactionId = "TransactionId";

    public ConventionSet ModifyConventions(ConventionSet conventionSet)
    {
        // Before Npgsql's own, which would make an identity column of what nobody said anything of.
        conventionSet.ModelFinalizingConventions.Insert(0, this);
        return conventionSet;
    }

    public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
    {
        if (modelBuilder.Metadata.FindEntityType(typeof(OutboxRow)) is not IMutableEntityType row)
        {
            return;
        }

        row.SetAnnotation(OutboxNumbers.Annotation, OutboxNumbers.CurrentVersion);
        row.FindProperty(nameof(OutboxRow.Id))!.SetValueGenerationStrategy(NpgsqlValueGenerationStrategy.None);

        var transaction = row.FindProperty(TransactionId) ?? row.AddProperty(TransactionId, typeof(ulong));
        transaction.SetColumnName("transaction_id");
        transaction.SetColumnType("xid8");
        transaction.SetDefaultValueSql("pg_current_xact_id()");
        transaction.ValueGenerated = ValueGenerated.OnAdd;
        transaction.SetBeforeSaveBehavior(PropertySaveBehavior.Ignore);

        // By which the relay finds the rows of transactions that commit late.
        if (row.FindIndex(transaction) is null)
        {
            row.AddIndex(transaction);
        }
    }
}
