using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Model;

/// <summary>Migrations as <c>dotnet ef migrations add</c> makes them, applied to a real PostgreSQL.</summary>
public sealed class PostgreSqlMigrationTests(PostgreSqlFixture postgreSql)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_migration_creates_the_tables_and_the_trigger()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        var migrations = new Migrations(nameof(A_migration_creates_the_tables_and_the_trigger));
        await using var context = Create(database, migrations);

        var code = migrations.Add(context, "Outbox");
        await MigrateAsync(database, migrations);

        Assert.Contains("CREATE TRIGGER", code, StringComparison.Ordinal);
        Assert.Equal([1L, 2], await AddAsync(database, migrations, "a", "a"));
    }

    [Fact]
    public async Task A_migration_after_that_has_nothing_to_do()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        var migrations = new Migrations(nameof(A_migration_after_that_has_nothing_to_do));
        await using var context = Create(database, migrations);
        migrations.Add(context, "Outbox");
        await using var next = Create(database, migrations);

        Assert.DoesNotContain("migrationBuilder.", migrations.Add(next, "Nothing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_go_on_when_the_table_gets_another_name_and_schema()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        var migrations = new Migrations(nameof(Numbers_go_on_when_the_table_gets_another_name_and_schema));
        await using var context = Create(database, migrations);
        migrations.Add(context, "Outbox");
        await MigrateAsync(database, migrations);
        await AddAsync(database, migrations, "a", "a", "a");
        await using var renamed = Create(database, migrations, Renamed);

        migrations.Add(renamed, "Renamed");
        await MigrateAsync(database, migrations, Renamed);

        Assert.Equal([4L], await AddAsync(database, migrations, Renamed, "a"));
        Assert.Equal(4, await CountAsync(database, "SELECT count(*) FROM \"Messages\".\"Out's\""));
        Assert.Equal(1, await CountAsync(database, "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"));
        Assert.Equal(1, await CountAsync(database, "SELECT count(*) FROM pg_sequences WHERE sequencename = 'Out''s_number'"));
    }

    [Fact]
    public async Task Numbers_go_on_behind_those_of_a_table_that_was_there_before()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        var migrations = new Migrations(nameof(Numbers_go_on_behind_those_of_a_table_that_was_there_before));
        await using var plain = Create(database, migrations, isPostgreSql: false);
        migrations.Add(plain, "Plain");
        await MigrateAsync(database, migrations, isPostgreSql: false);
        await AddAsync(database, migrations, null, isPostgreSql: false, "a", "b");
        await using var context = Create(database, migrations);

        migrations.Add(context, "Trigger");
        await MigrateAsync(database, migrations);

        Assert.Equal([3L], await AddAsync(database, migrations, "a"));
    }

    [Fact]
    public async Task A_migration_that_is_taken_back_leaves_nothing()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        var migrations = new Migrations(nameof(A_migration_that_is_taken_back_leaves_nothing));
        await using var context = Create(database, migrations);
        migrations.Add(context, "Outbox");
        await MigrateAsync(database, migrations);
        await using var migrated = Create(database, migrations);

        await migrated.Database.MigrateAsync("0", Cancellation);

        Assert.Equal(0, await CountAsync(database, "SELECT count(*) FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace WHERE nspname = 'public'"));
        Assert.Equal(0, await CountAsync(database, "SELECT count(*) FROM pg_sequences"));
    }

    [Fact]
    public async Task Without_the_trigger_the_database_refuses_rows()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        var migrations = new Migrations(nameof(Without_the_trigger_the_database_refuses_rows));
        await using var context = Create(database, migrations);
        await context.Database.EnsureCreatedAsync(Cancellation);
        await database.ExecuteAsync("DROP TRIGGER messaging_outbox_draw_number ON messaging_outbox");

        await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync(database, migrations, "a"));
    }

    private static void Renamed(MessagingTables tables) => (tables.Schema, tables.Outbox) = ("Messages", "Out's");

    private static MigratedContext Create(PostgreSqlDatabase database, Migrations migrations, Action<MessagingTables>? tables = null, bool isPostgreSql = true)
    {
        var options = new DbContextOptionsBuilder<MigratedContext>()
            .UseNpgsql(database.ConnectionString, npgsql => npgsql.MigrationsAssembly(migrations.Assembly))
            .ReplaceService<IModelCacheKeyFactory, MigratedContext.ModelPerContext>();
        return new((isPostgreSql ? (DbContextOptionsBuilder<MigratedContext>)options.UsePostgreSqlOutbox() : options).Options, tables);
    }

    private static async Task MigrateAsync(PostgreSqlDatabase database, Migrations migrations, Action<MessagingTables>? tables = null, bool isPostgreSql = true)
    {
        await using var context = Create(database, migrations, tables, isPostgreSql);
        await context.Database.MigrateAsync(Cancellation);
    }

    private static Task<List<long>> AddAsync(PostgreSqlDatabase database, Migrations migrations, params string[] keys) => AddAsync(database, migrations, null, keys);

    private static Task<List<long>> AddAsync(PostgreSqlDatabase database, Migrations migrations, Action<MessagingTables>? tables, params string[] keys) =>
        AddAsync(database, migrations, tables, isPostgreSql: true, keys);

    private static async Task<List<long>> AddAsync(PostgreSqlDatabase database, Migrations migrations, Action<MessagingTables>? tables, bool isPostgreSql, params string[] keys)
    {
        await using var context = Create(database, migrations, tables, isPostgreSql);
        var rows = keys.Select(key => new OutboxRow { Bucket = KeyBucket.Of(key), Topic = "t", Key = key, Value = [1], CreatedAt = DateTime.UnixEpoch }).ToList();
        context.AddRange(rows);
        await context.SaveChangesAsync(Cancellation);
        return [.. rows.Select(row => row.Id)];
    }

    private static async Task<long> CountAsync(PostgreSqlDatabase database, string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
