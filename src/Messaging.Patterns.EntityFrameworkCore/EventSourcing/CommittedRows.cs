using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Rows as they are committed, whatever the connection was used for before.</summary>
internal static class CommittedRows
{
    /// <summary>Returns the rows of a table. In a transaction they are what its isolation level shows.</summary>
    /// <remarks>
    /// A pooled connection to SQL Server keeps the isolation level of its last transaction. If that was READ UNCOMMITTED, a reader would see events that are rolled back later.
    /// A hint of the table comes before the level of the session.
    /// </remarks>
    public static IQueryable<TRow> Of<TRow>(DbContext context)
        where TRow : class
    {
        if (context.Database.ProviderName != SqlServerProvider.Name || context.Database.CurrentTransaction is not null)
        {
            return context.Set<TRow>();
        }

        var type = context.Model.FindEntityType(typeof(TRow))!;
        var table = context.GetService<ISqlGenerationHelper>().DelimitIdentifier(type.GetTableName()!, type.GetSchema());
        var rows = $"SELECT * FROM {table} WITH (READCOMMITTED)";
        return context.Set<TRow>().FromSqlRaw(rows);
    }
}
