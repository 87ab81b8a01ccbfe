using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>The save after which a transaction is committed, or over.</summary>
internal static class LastSave
{
    /// <summary>Saves without a savepoint, which would be asked for and released in two round trips. When it fails, everything since a savepoint of ours, or the begin, is rolled back anyway.</summary>
    public static async Task SaveLastAsync(this DbContext context, CancellationToken cancellationToken)
    {
        var isEnabled = context.Database.AutoSavepointsEnabled;

        try
        {
            context.Database.AutoSavepointsEnabled = false;
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            context.Database.AutoSavepointsEnabled = isEnabled;
        }
    }
}
