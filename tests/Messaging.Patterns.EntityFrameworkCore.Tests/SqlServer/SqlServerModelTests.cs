using System.Globalization;
using System.Text.RegularExpressions;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>The tables that the model has on SQL Server, as its provider creates them. <c>tables.sql</c> was reviewed, as <c>statements.sql</c> was.</summary>
public sealed partial class SqlServerModelTests
{
    private const int MaxClusteredBytes = 900;
    private const int MaxIndexBytes = 1_700;

    private static readonly string Reviewed = Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.EntityFrameworkCore.Tests", "SqlServer", "tables.sql");

    private static readonly string[] OddNames = ["my]schema.event's", "my]schema.event's_sealed", "my]schema.num bers", "my]schema.subs", "sys.identity_columns"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tables_are_those_that_were_reviewed()
    {
        await using var context = CreateContext();
        var script = context.Database.GenerateCreateScript().ReplaceLineEndings("\n");
        TransactSql.Parse(script);

        if (Environment.GetEnvironmentVariable("APPROVE") == "1")
        {
            await File.WriteAllTextAsync(Reviewed, script, Cancellation);
        }

        Assert.Equal(await File.ReadAllTextAsync(Reviewed, Cancellation), script, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Migrations_create_them_and_find_nothing_to_do_afterwards()
    {
        var migrations = new Migrations(nameof(SqlServerModelTests));
        await using var before = CreateContext(migrations);
        migrations.Add(before, "Events");
        await using var context = CreateContext(migrations);

        Assert.DoesNotContain("migrationBuilder.", migrations.Add(context, "Nothing"), StringComparison.Ordinal);
        TransactSql.Parse(context.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent));
    }

    [Fact]
    public async Task Names_that_need_delimiters_are_delimited_everywhere()
    {
        await using var context = new OddContext(new DbContextOptionsBuilder<OddContext>().UseSqlServer("Server=none").Options);
        var sql = new EventSql(context);
        var database = new SqlServerEventDatabase();
        string[] statements = [database.Append(sql, "1 = 1", "(0, @p0, @p1, @p2, @p3, @p4, @p5)"), database.Add(sql, "(0, @p0, @p1, @p2, @p3, @p4, @p5)"), database.Seal(sql), database.Unseal(sql)];

        foreach (var parsed in statements.Append(context.Database.GenerateCreateScript()).Select(TransactSql.Parse))
        {
            var names = new Names();
            parsed.Accept(names);
            Assert.All(names.Found, name => Assert.Contains(name, OddNames));
        }
    }

    [Fact]
    public async Task No_key_of_an_index_is_longer_than_the_server_allows()
    {
        await using var context = CreateContext();
        var tables = context.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables.Where(table => table.Name.StartsWith("messaging_", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(tables);

        foreach (var table in tables)
        {
            var indexes = table.Indexes.Select(index => (index.Name, index.Columns, IsClustered: index[SqlServerProvider.Clustered] is true))
                .Concat(table.UniqueConstraints.Select(key => (key.Name, key.Columns, IsClustered: key[SqlServerProvider.Clustered] is not false))).ToList();
            Assert.All(indexes, index => Assert.InRange(index.Columns.Sum(BytesOf), 1, index.IsClustered ? MaxClusteredBytes : MaxIndexBytes));
            Assert.Single(indexes, index => index.IsClustered);
        }
    }

    [Fact]
    public async Task Texts_that_are_keys_are_compared_by_their_code_units()
    {
        await using var context = CreateContext();
        var keys = context.GetService<IDesignTimeModel>().Model.GetEntityTypes().Where(type => type.GetTableName()!.StartsWith("messaging_", StringComparison.Ordinal))
            .SelectMany(type => type.GetKeys().SelectMany(key => key.Properties).Concat(type.GetIndexes().SelectMany(index => index.Properties))).Where(property => property.ClrType == typeof(string)).Distinct().ToList();

        Assert.NotEmpty(keys);
        Assert.All(keys, property => Assert.Equal(SqlServerProvider.Ordinal, property.GetCollation()));
    }

    [Fact]
    public async Task Other_databases_have_no_row_of_numbers()
    {
        await using var context = new EventsContext(new DbContextOptionsBuilder<EventsContext>().UseNpgsql("Host=none").Options);

        Assert.Null(context.Model.FindEntityType(typeof(EventNumberRow)));
        Assert.Null(context.GetService<IDesignTimeModel>().Model.FindEntityType(typeof(EventRow))!.FindProperty(nameof(EventRow.Stream))!.GetCollation());
    }

    private static EventsContext CreateContext() => new(new DbContextOptionsBuilder<EventsContext>().UseSqlServer("Server=none").Options);

    private static EventsContext CreateContext(Migrations migrations) =>
        new(new DbContextOptionsBuilder<EventsContext>().UseSqlServer("Server=none", sqlServer => sqlServer.MigrationsAssembly(migrations.Assembly)).Options);

    private static int BytesOf(IColumnBase column) => column.StoreType switch
    {
        "bigint" => 8,
        "int" => 4,
        "uniqueidentifier" => 16,
        "datetime2" => 8,
        var text when Text().Match(text) is { Success: true } match => (text[0] == 'n' ? 2 : 1) * int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
        var other => throw new InvalidOperationException($"How many bytes has a key of type {other}?"),
    };

    [GeneratedRegex(@"^n?(?:var)?char\((\d+)\)$")]
    private static partial Regex Text();

    private sealed class Names : TSqlFragmentVisitor
    {
        public List<string> Found { get; } = [];

        public override void Visit(SchemaObjectName node)
        {
            if (node.SchemaIdentifier is not null)
            {
                Found.Add($"{node.SchemaIdentifier.Value}.{node.BaseIdentifier.Value}");
            }
        }
    }

    private sealed class OddContext(DbContextOptions<OddContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddEventStore(tables =>
            (tables.Schema, tables.Events, tables.Numbers, tables.Subscriptions) = ("my]schema", "event's", "num bers", "subs"));
    }
}
