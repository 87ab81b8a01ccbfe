using System.Data;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>What becomes of the errors of SQL Server, which the package tells by their numbers without knowing its provider.</summary>
public sealed class SqlServerErrorTests
{
    private static readonly StreamId Stream = new("account", "42");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1205, true)]
    [InlineData(3960, true)]
    [InlineData(10054, true)]
    [InlineData(1222, true)]
    [InlineData(-2, true)]
    [InlineData(2627, false)]
    [InlineData(515, false)]
    [InlineData(50000, false)]
    public async Task An_append_that_fails_wrote_nothing_and_says_whether_to_try_again(int number, bool isTransient)
    {
        await using var app = new SqlServerApp(command => IsAppend(command) ? throw SqlErrors.Of(number) : null);

        var thrown = await Assert.ThrowsAsync<EventStoreDatabaseException>(() => AppendAsync(app));

        Assert.Equal(isTransient, thrown.IsTransient);
        Assert.Equal("Cannot append to stream 'account-42': The server says so. Nothing was written.", thrown.Message);
        Assert.Equal("ROLLBACK TRANSACTION", app.Connection.Commands.Last(command => command.Text.EndsWith("TRANSACTION", StringComparison.Ordinal)).Text);
    }

    [Theory]
    [InlineData(1222)]
    [InlineData(-2)]
    public async Task Who_was_waited_for_is_named(int number)
    {
        await using var app = new SqlServerApp(command => IsAppend(command) ? throw SqlErrors.Of(number) : IsBlockerQuery(command) ? Named("session 57 of application 'Leaky'") : null);

        var thrown = await Assert.ThrowsAsync<EventStoreDatabaseException>(() => AppendAsync(app));

        Assert.EndsWith("Nothing was written. It waited for session 57 of application 'Leaky'.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_permission_to_see_others_nobody_is_named_and_the_failure_is_told_all_the_same()
    {
        await using var app = new SqlServerApp(command => IsAppend(command) ? throw SqlErrors.Of(1222) : IsBlockerQuery(command) ? throw SqlErrors.Of(300, "VIEW SERVER STATE permission was denied.") : null);

        var thrown = await Assert.ThrowsAsync<EventStoreDatabaseException>(() => AppendAsync(app));

        Assert.EndsWith("Nothing was written.", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(1222, SqlServerProvider.NumberOf(thrown.InnerException!));
    }

    [Fact]
    public async Task A_commit_that_was_not_answered_leaves_the_outcome_unknown_which_the_append_id_settles()
    {
        var isFound = true;
        await using var app = new SqlServerApp(command =>
            command.Text == "COMMIT TRANSACTION" ? throw SqlErrors.Of(10054)
            : IsAppend(command) ? SqlServerApp.Row(7L, 1L)
            : isFound && command.Text.Contains("[append_id] = @guid", StringComparison.Ordinal) ? SqlServerApp.Row(7L, 1L)
            : null);

        var thrown = await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => AppendAsync(app));
        var resolution = await app.Store.ResolveAsync(thrown.Pending, Cancellation);
        isFound = false;

        Assert.Equal((AppendOutcome.Accepted, 1L), (resolution.Outcome, resolution.Result?.Version));
        Assert.Equal(thrown.Pending.Id, (await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => app.Store.ResolveAsync(thrown.Pending, Cancellation).AsTask())).Pending.Id);
    }

    [Fact]
    public async Task A_cancelled_append_ends_as_cancelled_whatever_the_provider_throws()
    {
        using var source = new CancellationTokenSource();
        await using var app = new SqlServerApp(command => IsAppend(command) ? Cancel(source) : null);

        await Assert.ThrowsAsync<OperationCanceledException>(() => app.Store.AppendAsync(Stream, ExpectedVersion.Any, [new(new Charged(1))], cancellationToken: source.Token).AsTask());
    }

    [Fact]
    public async Task What_an_append_did_that_was_given_up_is_taken_out_of_the_callers_transaction()
    {
        await using var app = new SqlServerApp(command => IsAppend(command) ? throw SqlErrors.Of(-2) : null);

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await Assert.ThrowsAsync<EventStoreDatabaseException>(() => context.EventStore().AppendAsync(Stream, ExpectedVersion.Any, [new(new Charged(1))], cancellationToken: Cancellation).AsTask());
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal(
            ["SAVE TRANSACTION [messaging_append];", "ROLLBACK TRANSACTION [messaging_append];", "COMMIT TRANSACTION"],
            app.Connection.Commands.Select(command => command.Text).Where(text => text.Contains("TRANSACTION", StringComparison.Ordinal) && !text.StartsWith("BEGIN", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(208, true)]
    [InlineData(207, true)]
    [InlineData(229, true)]
    [InlineData(4060, false)]
    [InlineData(10054, false)]
    [InlineData(1205, false)]
    public async Task A_table_that_is_missing_is_told_from_a_database_that_is_away(int number, bool isOfTheTable)
    {
        await using var app = new SqlServerApp(command => command.Text.Contains("0 = 1", StringComparison.Ordinal) ? throw SqlErrors.Of(number) : null);

        await app.InScopeAsync(async context =>
        {
            var finding = EventStoreRegistration.FindFaultsAsync(context, new SqlServerEventDatabase(), Cancellation);

            if (isOfTheTable)
            {
                Assert.StartsWith("table 'messaging_event' is missing or of another shape", (await finding)[0], StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(number, SqlServerProvider.NumberOf(await Assert.ThrowsAnyAsync<Exception>(() => finding)));
            }
        });
    }

    private static bool IsAppend(RecordedCommand command) => command.Text.Contains("INSERT INTO [messaging_event]", StringComparison.Ordinal);

    private static bool IsBlockerQuery(RecordedCommand command) => command.Text.Contains("sys.dm_tran_locks", StringComparison.Ordinal);

    private static DataTable Named(string value)
    {
        var row = SqlServerApp.Row(value);
        row.Columns[0].ColumnName = "Value";
        return row;
    }

    private static DataTable Cancel(CancellationTokenSource source)
    {
        source.Cancel();
        throw SqlErrors.Of(0, "Operation cancelled by user.");
    }

    private static Task<AppendResult> AppendAsync(SqlServerApp app) => app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, [new(new Charged(1))], cancellationToken: Cancellation).AsTask();
}
