using System.Data;
using System.Text;
using System.Text.RegularExpressions;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;
using Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>
/// Everything that an event store sends to SQL Server, as Entity Framework Core and SqlClient hand it over. <c>statements.sql</c> was reviewed: whoever changes it on purpose runs
/// this with <c>APPROVE=1</c> and says in the commit what was looked at.
/// </summary>
public sealed partial class SqlServerStatementTests
{
    private static readonly string Reviewed = Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.EntityFrameworkCore.Tests", "SqlServer", "statements.sql");

    private static readonly StreamId Stream = new("account", "42");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_statement_is_read_by_Microsofts_parser_and_is_the_one_that_was_reviewed()
    {
        var text = new StringBuilder();

        foreach (var (what, useAsync) in Uses())
        {
            await using var app = new SqlServerApp(Answer);
            await useAsync(app);
            text.Append("-- ").Append(what).Append('\n');

            foreach (var command in app.Connection.Commands)
            {
                TransactSql.Parse(command.Text);
                text.Append(Describe(command));
            }

            text.Append('\n');
        }

        // Parameters are named as variables are, and the compiler names some of those otherwise when it optimises.
        var sent = CompilerNames().Replace(text.ToString(), "");

        if (Environment.GetEnvironmentVariable("APPROVE") == "1")
        {
            await File.WriteAllTextAsync(Reviewed, sent, Cancellation);
        }

        Assert.Equal(await File.ReadAllTextAsync(Reviewed, Cancellation), sent, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Parameters_have_the_types_and_sizes_of_their_columns_whatever_they_hold()
    {
        string[] declared = [];

        foreach (var id in new[] { "1", new string('x', 400), "é" })
        {
            await using var app = new SqlServerApp(Answer);
            await app.Store.AppendAsync(new StreamId("account", id), ExpectedVersion.Exactly(4), [new(new Charged(1))], cancellationToken: Cancellation);
            await app.Store.ReadStreamAsync(new StreamId("account", id), cancellationToken: Cancellation).ToListAsync(Cancellation);
            string[] types = [.. app.Connection.Commands.SelectMany(command => command.Parameters).Select(parameter => $"{parameter.ParameterName} {RecordedCommand.TypeOf(parameter)}")];
            declared = declared.Length == 0 ? types : declared;

            // Otherwise the server would compile each of them anew, or convert the column and read the whole table.
            Assert.Equal(declared, types);
        }

        Assert.Equal(["@stream nvarchar(512)", "@append uniqueidentifier", "@expected bigint"], declared[..3]);
    }

    [Fact]
    public async Task An_append_has_no_more_parameters_than_a_command_may_have()
    {
        await using var app = new SqlServerApp(Answer);

        await app.Store.AppendAsync(Stream, ExpectedVersion.Exactly(4), [.. Enumerable.Repeat(0, 601).Select(_ => new EventData(new Charged(1)))], cancellationToken: Cancellation);

        Assert.Equal([1803, 1804, 10], app.Connection.Commands.Where(command => command.Parameters.Count > 0).Select(command => command.Parameters.Count));
        Assert.All(app.Connection.Commands, command => Assert.True(command.Parameters.Count <= 2_098));
    }

    private static IEnumerable<(string What, Func<SqlServerApp, Task> UseAsync)> Uses()
    {
        EventData[] two = [new(new Charged(1)), new(new Charged(2))];
        yield return ("append to a stream at a version", app => app.Store.AppendAsync(Stream, ExpectedVersion.Exactly(4), two, cancellationToken: Cancellation).AsTask());
        yield return ("append to a stream that exists, refused", async app => await Assert.ThrowsAsync<StreamConflictException>(() => app.Store.AppendAsync(new("account", "conflict"), ExpectedVersion.Exists, two[..1], cancellationToken: Cancellation).AsTask()));
        yield return ("append at any version, of more events than one command takes", app => app.Store.AppendAsync(Stream, ExpectedVersion.Any, [.. Enumerable.Repeat(two[0], 301)], cancellationToken: Cancellation).AsTask());
        yield return ("append in the transaction of a context", app => app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await context.EventStore().AppendAsync(Stream, ExpectedVersion.NoStream, two[..1], cancellationToken: Cancellation);
            await context.EventStore().ReadStreamAsync(Stream, cancellationToken: Cancellation).ToListAsync(Cancellation);
            await transaction.CommitAsync(Cancellation);
        }));
        yield return ("resolve", app => app.Store.ResolveAsync(new() { Stream = Stream, Id = new AppendId(Guid.Empty), FirstVersion = 5, Count = 1, Base = Position.Start, Frame = default }, Cancellation).AsTask());
        yield return ("read a stream", app => app.Store.ReadStreamAsync(Stream, new() { FromVersion = 3, MaxCount = 10 }, Cancellation).ToListAsync(Cancellation).AsTask());
        yield return ("read a stream once a position is there", app => app.Store.ReadStreamAsync(Stream, new() { Consistency = ReadConsistency.Session(Position.At("events:0", 6)) }, Cancellation).ToListAsync(Cancellation).AsTask());
        yield return ("read the feed", app => app.Feed.ReadAllAsync(Position.Start, cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask());
        yield return ("seal", app => app.InScopeAsync(context => context.SealEventStoreAsync(Cancellation)));
        yield return ("take the seal off", app => app.InScopeAsync(context => context.UnsealEventStoreAsync(Cancellation)));
        yield return ("look at the tables when the host starts", app => app.InScopeAsync(async context => Assert.Empty(await EventStoreRegistration.FindFaultsAsync(context, new SqlServerEventDatabase(), Cancellation))));
        yield return ("look who keeps others from appending", app => app.InScopeAsync(async context => Assert.Equal("session 57", await new SqlServerEventDatabase().FindBlockerAsync(context, new OperationCanceledException()))));
        yield return ("take the lease of a subscription for the first time, and when it is there", async app =>
        {
            await LeaseOf(app, "new").TryTakeAsync(Cancellation);
            await LeaseOf(app, "sales").TryTakeAsync(Cancellation);
        }
        );
        yield return ("beat, move and release a lease", async app =>
        {
            await LeaseOf(app, "sales").BeatAsync(Cancellation);
            await app.InScopeAsync(context => LeaseOf(app, "sales").MoveAsync(context, new SubscriptionPlace(7, 1), Cancellation));
            await LeaseOf(app, "sales").ReleaseAsync(Cancellation);
        }
        );
    }

    private static SubscriptionLease LeaseOf(SqlServerApp app, string name) =>
        new(new StoreContexts.Own<EventsContext>(app.Services.GetRequiredService<IServiceScopeFactory>()), name, TimeSpan.FromSeconds(15), TimeProvider.System);

    private static DataTable? Answer(RecordedCommand command) => command switch
    {
        { Parameters: [{ Value: "account-conflict" }, ..] } => null,
        { Text: var text } when text.Contains("UPDATE [messaging_event_number]", StringComparison.Ordinal) => SqlServerApp.Row(5L, 300L),
        { Text: var text } when text.Contains("INSERT INTO [messaging_event]", StringComparison.Ordinal) => SqlServerApp.Row(5L, 600L),
        { Text: var text } when text.Contains("MAX(", StringComparison.Ordinal) => SqlServerApp.Row(5L),
        { Text: var text } when text.Contains("CASE", StringComparison.Ordinal) => SqlServerApp.Row(true),
        { Text: var text } when text.Contains("sys.dm_tran_locks", StringComparison.Ordinal) => Named(SqlServerApp.Row("session 57"), "Value"),
        { Text: var text } when text.Contains("sys.indexes", StringComparison.Ordinal) => Named(Rows("stream,version", "number,event_index", "stream,append_id,event_index", "name"), "Value"),
        { Text: var text } when text.Contains("sys.databases", StringComparison.Ordinal) => Named(SqlServerApp.Row(1, 2, "Latin1_General_100_BIN2", 0), "Versions", "Tables", "Collation", "Identity"),
        { Text: var text } when text.Contains("[messaging_event_number]", StringComparison.Ordinal) && !text.Contains("0 = 1", StringComparison.Ordinal) => SqlServerApp.Row(7L),
        { Parameters: [{ Value: "sales" }] } when command.Text.Contains("TOP(2)", StringComparison.Ordinal) => SqlServerApp.Row("sales", 1L, 0, true, 6L, 3L),
        { Text: var text } when text.StartsWith("UPDATE", StringComparison.Ordinal) => SqlServerApp.Row(1),
        _ => null,
    };

    private static DataTable Rows(params string[] values)
    {
        var table = new DataTable();
        table.Columns.Add();

        foreach (var value in values)
        {
            table.Rows.Add(value);
        }

        return table;
    }

    private static DataTable Named(DataTable table, params string[] names)
    {
        foreach (var (index, name) in names.Index())
        {
            table.Columns[index].ColumnName = name;
        }

        return table;
    }

    private static string Describe(RecordedCommand command)
    {
        var types = command.Parameters.Select(parameter => $"{parameter.ParameterName} {RecordedCommand.TypeOf(parameter)}").ToList();
        var declared = types.Count == 0 ? "" : $"-- {string.Join(", ", types.Take(10))}{(types.Count > 10 ? ", ..." : "")}\n";
        return $"{declared}{FurtherRows().Replace(command.Text.ReplaceLineEndings("\n"), ", ...")}\nGO\n";
    }

    [GeneratedRegex(@"(, \(\d+(, @p\d+)+\)){2,}")]
    private static partial Regex FurtherRows();

    [GeneratedRegex(@"_\d+__locals\d+_")]
    private static partial Regex CompilerNames();
}
