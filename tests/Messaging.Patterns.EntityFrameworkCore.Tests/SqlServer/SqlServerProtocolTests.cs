using Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>
/// The command that appends on SQL Server, read out of the very text that is sent, against a model of the server's locks. Then it is broken on purpose, and the histories notice it. It
/// proves the order of the statements, not that the server does what its documentation says.
/// </summary>
public sealed class SqlServerProtocolTests
{
    private const int Seeds = 1_000;
    private const string Draw = "UPDATE [messaging_event_number] SET @number = [number] = [number] + 1 WHERE [id] = 1;";
    private const string Peek = "SELECT @number = [number] + 1 FROM [messaging_event_number] WHERE [id] = 1;";
    private const string Keep = "UPDATE [messaging_event_number] SET [number] = @number WHERE [id] = 1;";
    private const string ReadVersion = "SELECT @version = COALESCE(MAX([version]), 0) FROM [messaging_event] WHERE [stream] = @stream;";

    [Fact]
    public async Task Versions_have_no_gaps_numbers_are_in_the_order_of_commits_and_the_feed_brings_each_event_once() =>
        Assert.Equal("", SqlServerSimulation.FindViolation(await AppendAsync(), 2 * Seeds));

    [Theory]
    [InlineData("the number is read before the row is locked", Draw, Peek + " " + Keep)]
    [InlineData("the row is locked when the events are there", Draw, Peek, "END TRY", Keep + " END TRY")]
    [InlineData("the number comes from a sequence", Draw, "SET @number = NEXT VALUE FOR [messaging_event_sequence];")]
    [InlineData("the stream is looked at before others have ended", Draw, ReadVersion + " " + Draw, "NULL THROW", "NULL THROW", ReadVersion + "\n    IF EXISTS", "IF EXISTS")]
    [InlineData("a command goes on without a transaction", "IF @@TRANCOUNT = 0 THROW 50000, N'The transaction of the append has ended already.', 1;", "")]
    public async Task A_broken_command_is_caught(string what, params string[] changes)
    {
        var broken = await AppendAsync();

        foreach (var change in changes.Chunk(2))
        {
            Assert.Contains(change[0], broken, StringComparison.Ordinal);
            broken = broken.Replace(change[0], change[1], StringComparison.Ordinal);
        }

        Assert.True(SqlServerSimulation.FindViolation(broken, Seeds).Length > 0, $"The command in which {what} passes {Seeds} histories.");
    }

    [Theory]
    [InlineData("the feed reads what is not committed", (int)Broken.DirtyFeed)]
    [InlineData("an append that failed has no savepoint", (int)Broken.NoSavepoint)]
    public async Task What_surrounds_it_is_needed_too(string what, int broken) =>
        Assert.True(SqlServerSimulation.FindViolation(await AppendAsync(), Seeds, (Broken)broken).Length > 0, $"Without it ({what}) {Seeds} histories pass.");

    // Either of the two keeps events from being inserted without a number; the second is the column, which takes no NULL.
    [Fact]
    public async Task A_statement_that_fails_ends_the_command() => Assert.True(SqlServerAppendBatch.Of(await AppendAsync()).EndsWithAnError);

    private static async Task<string> AppendAsync()
    {
        await using var app = new SqlServerApp(command => command.Text.Contains("INSERT", StringComparison.Ordinal) ? SqlServerApp.Row(1L, 1L) : null);
        await app.Store.AppendAsync(new StreamId("a", "1"), ExpectedVersion.NoStream, [new(new ContractTests.Charged(1))], cancellationToken: TestContext.Current.CancellationToken);
        return app.Connection.Commands.Single(command => command.Text.Contains("INSERT", StringComparison.Ordinal)).Text.ReplaceLineEndings("\n");
    }
}
