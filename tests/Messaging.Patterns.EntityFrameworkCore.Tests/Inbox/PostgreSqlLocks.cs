using Npgsql;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Inbox;

internal static class PostgreSqlLocks
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Returns whether somebody in a database waits for a lock.</summary>
    public static async Task<bool> IsOneWaitedForAsync(string database) => await CountWaitingAsync(database) > 0;

    /// <summary>Returns how many in a database wait for a lock.</summary>
    public static async Task<long> CountWaitingAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>Returns whether something gets done, <see langword="false"/> if it waits for a lock.</summary>
    public static async Task<bool> IsDoneWithoutAsync(string database, Task work)
    {
        while (!work.IsCompleted)
        {
            if (await IsOneWaitedForAsync(database))
            {
                return false;
            }
        }

        await work;
        return true;
    }
}
