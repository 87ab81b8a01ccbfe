using System.Data;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>What an application says at its start of a database that an event store must not use as it is.</summary>
public sealed class SqlServerVerificationTests
{
    private const string Ordinal = "Latin1_General_100_BIN2";

    private static readonly string[] Indexes = ["stream,version", "number,event_index", "stream,append_id,event_index"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_said_of_one_that_is_as_it_must_be() => Assert.Empty(await FindFaultsAsync((1, 2, Ordinal, 0), Indexes, highest: 7, drawn: 7));

    [Theory]
    [InlineData(0, 2, Ordinal, 0, "READ_COMMITTED_SNAPSHOT is off in database [bank], so that every read would wait for transactions that append. Turn it on: ALTER DATABASE [bank] SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE")]
    [InlineData(1, 1, Ordinal, 0, "tables [messaging_event] and [messaging_event_number] must both be tables on disk: rows of a memory-optimised table are not locked, and appends would not wait for each other.")]
    [InlineData(1, 2, "SQL_Latin1_General_CP1_CI_AS", 0, "column [stream] of table [messaging_event] has the collation 'SQL_Latin1_General_CP1_CI_AS', which may take two streams for one. Let it be 'Latin1_General_100_BIN2', as the migration of AddEventStore() does.")]
    [InlineData(1, 2, Ordinal, 1, "column [number] of table [messaging_event] is an identity column, but its numbers are drawn from table [messaging_event_number]. Create the table as the migration of AddEventStore() on SQL Server does.")]
    public async Task What_the_promises_do_not_hold_with_is_named_with_its_remedy(int versions, int tables, string collation, int identity, string fault) =>
        Assert.Equal([fault], await FindFaultsAsync((versions, tables, collation, identity), Indexes, highest: 7, drawn: 7));

    [Fact]
    public async Task A_row_of_numbers_that_is_missing_or_behind_is_named_with_the_statement_that_corrects_it()
    {
        Assert.Equal(
            ["table [messaging_event_number] says that number 6 was drawn last, but table [messaging_event] has number 7: events were put there by other means. Correct it: UPDATE [messaging_event_number] SET [number] = 7 WHERE [id] = 1"],
            await FindFaultsAsync((1, 2, Ordinal, 0), Indexes, highest: 7, drawn: 6));
        Assert.Equal(
            ["table [messaging_event_number] has no row, from which appends draw. Add it: INSERT INTO [messaging_event_number] ([id], [number]) VALUES (1, 7)"],
            await FindFaultsAsync((1, 2, Ordinal, 0), Indexes, highest: 7, drawn: null));
    }

    // Or one that lets duplicates pass (IGNORE_DUP_KEY), which the query leaves out.
    [Fact]
    public async Task A_unique_index_that_is_missing_is_named() =>
        Assert.StartsWith("table 'messaging_event' has no unique index on (stream, version)", Assert.Single(await FindFaultsAsync((1, 2, Ordinal, 0), Indexes[1..], highest: 7, drawn: 7)), StringComparison.Ordinal);

    private static async Task<IReadOnlyList<string>> FindFaultsAsync((int Versions, int Tables, string Collation, int Identity) facts, string[] indexes, long highest, long? drawn)
    {
        await using var app = new SqlServerApp(command => command.Text switch
        {
            var text when text.Contains("sys.indexes", StringComparison.Ordinal) => Table(["Value"], [.. indexes.Select(index => new object[] { index })]),
            var text when text.Contains("sys.databases", StringComparison.Ordinal) => Table(["Versions", "Tables", "Collation", "Identity"], [facts.Versions, facts.Tables, facts.Collation, facts.Identity]),
            var text when text.Contains("MAX(", StringComparison.Ordinal) => SqlServerApp.Row(highest),
            var text when text.Contains("READCOMMITTED", StringComparison.Ordinal) => drawn is { } number ? SqlServerApp.Row(number) : null,
            _ => null,
        });
        IReadOnlyList<string> found = [];
        await app.InScopeAsync(async context => found = await EventStoreRegistration.FindFaultsAsync(context, new SqlServerEventDatabase(), Cancellation));
        return found;
    }

    private static DataTable Table(string[] names, params object[][] rows)
    {
        var table = new DataTable();

        foreach (var (place, name) in names.Index())
        {
            table.Columns.Add(name, rows.Length == 0 ? typeof(object) : rows[0][place].GetType());
        }

        foreach (var row in rows)
        {
            table.Rows.Add(row);
        }

        return table;
    }
}
