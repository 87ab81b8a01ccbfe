using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox.Relay;

/// <summary>The channel of a database over which processes tell each other that there is something in an outbox: one for each table, wherever it is.</summary>
internal static class CommitChannel
{
    // One that is lost with the server is as good as one that nobody heard, so it is not waited for until it is on disk.
    public static string Notify(DbContext context) => $"SELECT set_config('synchronous_commit', 'off', true), pg_notify({NameOf(context)}, '')";

    public static string SelectName(DbContext context) => $"SELECT {NameOf(context)}";

    private static string NameOf(DbContext context)
    {
        var table = new OutboxTableNames(context.Model, context.GetService<ISqlGenerationHelper>()).Outbox;
        return $"'messaging_outbox_' || '{table.Replace("'", "''", StringComparison.Ordinal)}'::regclass::oid";
    }
}
