using System.Diagnostics;
using System.Text;
using System.Transactions;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Serialization;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;

/// <summary>What writing events does, on every database that is supported.</summary>
public abstract class OutboxWritingTests
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_is_told_whichever_context_of_its_transaction_has_written_events()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, (services, use) =>
        {
            services.AddDbContext<ShopContext>(use);
            services.AddCommits<ShopContext>();
        });
        var told = 0;
        app.Services.GetRequiredKeyedService<OutboxCommits>(typeof(ShopContext)).Add(() => told++);

        await app.InScopeAsync<ShopContext>(async first =>
        {
            await using var transaction = await first.Database.BeginTransactionAsync(Cancellation);
            await app.InScopeAsync<ShopContext>(async second =>
            {
                second.Database.SetDbConnection(first.Database.GetDbConnection());
                await second.Database.UseTransactionAsync(transaction.GetDbTransaction(), Cancellation);
                second.AddOutboxEvent(new Counted("a", 1));
                await second.SaveChangesAsync(Cancellation);
            });
            Assert.Equal(0, told);
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal(1, told);
        await app.AddAsync(new Counted("a", 2));
        Assert.Equal(2, told);
    }

    [Fact]
    public async Task An_event_is_written_by_the_save_that_writes_the_entity()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, configure: outbox => outbox.Source = "/shop");
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();

        await app.InScopeAsync<ShopContext>(context =>
        {
            context.Accounts.Add(new Account { Id = "a", Count = 1 });
            context.AddOutboxEvent(new EventData(new Counted("a", 1)) { Id = "event-1" });
            return context.SaveChangesAsync(Cancellation);
        });

        var row = Assert.Single(await app.ReadAsync());
        var written = CloudEventJson.Read(row.Value!);
        Assert.Equal(("counts", "a", KeyBucket.Of("a"), null, activity.Id), (row.Topic, row.Key, row.Bucket, row.Headers, row.TraceParent));
        Assert.Equal(("event-1", "/shop", "counted", activity.Id), (written.Id, written.Source, written.Type, written.TraceParent));
        Assert.Equal(DateTimeKind.Utc, row.CreatedAt.Kind);
        Assert.Single(await app.ReadAsync<Account>());
    }

    [Fact]
    public async Task Nothing_is_written_before_the_save()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            context.AddOutboxEvent(new Counted("a", 1));
            await context.Accounts.ToListAsync(Cancellation);
        });

        Assert.Empty(await app.ReadAsync());
    }

    [Fact]
    public async Task Several_saves_of_a_transaction_commit_together()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await SaveAsync(context, 1);
            await SaveAsync(context, 2);
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal(["1", "2"], (await app.ReadAsync()).Select(CountOf));
    }

    [Fact]
    public async Task A_rollback_takes_events_along()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await SaveAsync(context, 1);
            await SaveAsync(context, 2);
            await transaction.RollbackAsync(Cancellation);
        });

        Assert.Empty(await app.ReadAsync());
    }

    [Fact]
    public async Task A_rollback_to_a_savepoint_takes_along_what_came_after_it()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await SaveAsync(context, 1);
            await transaction.CreateSavepointAsync("before", Cancellation);
            await SaveAsync(context, 2);
            await transaction.RollbackToSavepointAsync("before", Cancellation);
            await SaveAsync(context, 3);
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal(["1", "3"], (await app.ReadAsync()).Select(CountOf));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_share_a_transaction_that_was_begun_without_the_context(bool commits)
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            var connection = context.Database.GetDbConnection();
            await connection.OpenAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await context.Database.UseTransactionAsync(transaction, Cancellation);
            await SaveAsync(context, 1);
            await (commits ? transaction.CommitAsync(Cancellation) : transaction.RollbackAsync(Cancellation));
        });

        Assert.Equal(commits ? 1 : 0, (await app.ReadAsync()).Count);
    }

    [Fact]
    public async Task A_save_that_failed_leaves_its_event_to_the_next()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        await app.InScopeAsync<ShopContext>(context =>
        {
            context.Accounts.Add(new Account { Id = "a" });
            return context.SaveChangesAsync(Cancellation);
        });

        await app.InScopeAsync<ShopContext>(async context =>
        {
            var again = context.Accounts.Add(new Account { Id = "a" });
            context.AddOutboxEvent(new Counted("a", 1));
            await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync(Cancellation));
            Assert.Empty(await app.ReadAsync());

            again.State = EntityState.Detached;
            await context.SaveChangesAsync(Cancellation);
        });

        Assert.Equal(["1"], (await app.ReadAsync()).Select(CountOf));
    }

    [Fact]
    public async Task A_save_that_is_not_accepted_can_be_repeated()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            context.AddOutboxEvent(new Counted("a", 1));

            await using (var lost = await context.Database.BeginTransactionAsync(Cancellation))
            {
                await context.SaveChangesAsync(acceptAllChangesOnSuccess: false, Cancellation);
                await lost.RollbackAsync(Cancellation);
            }

            await context.SaveChangesAsync(acceptAllChangesOnSuccess: false, Cancellation);
            context.ChangeTracker.AcceptAllChanges();
            await context.SaveChangesAsync(Cancellation);
        });

        Assert.Equal(["1"], (await app.ReadAsync()).Select(CountOf));
    }

    [Fact]
    public async Task A_context_lets_go_of_rows_that_are_written()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await SaveAsync(context, 1);
            Assert.Empty(context.ChangeTracker.Entries());
        });
    }

    [Fact]
    public async Task Events_of_one_save_keep_their_order_per_key()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.AddAsync([.. Enumerable.Range(0, 3000).Select(number => new Counted($"key {number % 7}", number))]);

        var rows = await app.ReadAsync();
        Assert.Equal(3000, rows.Count);
        Assert.All(rows.GroupBy(row => row.Key), key => Assert.Equal(key.Select(NumberOf).Order(), key.Select(NumberOf)));
        Assert.Equal(rows.Select(row => row.Bucket).Order(), rows.Select(row => row.Bucket));
    }

    [Theory]
    [InlineData(nameof(EntityFrameworkServiceCollectionExtensions.AddDbContext))]
    [InlineData(nameof(EntityFrameworkServiceCollectionExtensions.AddDbContextPool))]
    [InlineData(nameof(EntityFrameworkServiceCollectionExtensions.AddDbContextFactory))]
    [InlineData(nameof(EntityFrameworkServiceCollectionExtensions.AddPooledDbContextFactory))]
    public async Task Contexts_have_an_outbox_however_they_are_registered(string registration)
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, (services, use) => _ = registration switch
        {
            nameof(EntityFrameworkServiceCollectionExtensions.AddDbContext) => services.AddDbContext<ShopContext>(use),
            nameof(EntityFrameworkServiceCollectionExtensions.AddDbContextPool) => services.AddDbContextPool<ShopContext>(use),
            nameof(EntityFrameworkServiceCollectionExtensions.AddDbContextFactory) => services.AddDbContextFactory<ShopContext>(use),
            _ => services.AddPooledDbContextFactory<ShopContext>(use),
        });

        await app.AddAsync(new Counted("a", 1));
        await app.AddAsync(new Counted("a", 2));

        if (app.Services.GetService<IDbContextFactory<ShopContext>>() is { } factory)
        {
            await using var context = await factory.CreateDbContextAsync(Cancellation);
            await SaveAsync(context, 3);
        }
        else
        {
            await app.AddAsync(new Counted("a", 3));
        }

        Assert.Equal(["1", "2", "3"], (await app.ReadAsync()).Select(CountOf));
    }

    [Fact]
    public async Task An_injected_outbox_adds_to_the_context_of_its_scope()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        await using var scope = app.Services.CreateAsyncScope();

        scope.ServiceProvider.GetRequiredService<IOutbox>().Add(new Counted("a", 1));
        scope.ServiceProvider.GetRequiredService<IOutbox<ShopContext>>().Add(new EventData(new Counted("a", 2)));
        await scope.ServiceProvider.GetRequiredService<ShopContext>().SaveChangesAsync(Cancellation);

        Assert.Equal(["1", "2"], (await app.ReadAsync()).Select(CountOf));
    }

    [Fact]
    public async Task Several_contexts_have_outboxes_of_their_own()
    {
        await using var database = await CreateDatabaseAsync();
        await using var second = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, (services, use) =>
        {
            services.AddDbContext<ShopContext>(use);
            services.AddDbContext<OtherContext>(options => second.Use(options));
            database.AddOutbox<OtherContext>(services.AddMessagingPatterns(), outbox => outbox.Source = "/other");
        });
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<OtherContext>().Database.EnsureCreatedAsync(Cancellation);

        scope.ServiceProvider.GetRequiredService<IOutbox<ShopContext>>().Add(new Counted("a", 1));
        scope.ServiceProvider.GetRequiredService<IOutbox<OtherContext>>().Add(new Counted("a", 2));
        await scope.ServiceProvider.GetRequiredService<ShopContext>().SaveChangesAsync(Cancellation);
        await scope.ServiceProvider.GetRequiredService<OtherContext>().SaveChangesAsync(Cancellation);

        Assert.Equal(["1"], (await app.ReadAsync()).Select(CountOf));
        var other = Assert.Single(await scope.ServiceProvider.GetRequiredService<OtherContext>().Set<OutboxRow>().ToListAsync(Cancellation));
        Assert.Equal("/other", CloudEventJson.Read(other.Value).Source);
        var ambiguous = Assert.Throws<InvalidOperationException>(() => scope.ServiceProvider.GetRequiredService<IOutbox>());
        Assert.Equal("Several contexts have an outbox: 'ShopContext', 'OtherContext'. Inject IOutbox<TContext> of the one that is meant instead of IOutbox.", ambiguous.Message);
    }

    [Fact]
    public async Task Events_that_entities_have_collected_are_written_with_them_once()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, configure: outbox => outbox.CollectEvents<Account>(account => account.Events, account => account.Events.Clear()));
        await app.InScopeAsync<ShopContext>(context =>
        {
            context.Zones.Add(new Zone { Id = "there" });
            return context.SaveChangesAsync(Cancellation);
        });

        await app.InScopeAsync<ShopContext>(async context =>
        {
            var account = new Account { Id = "a", Events = { new Counted("a", 1), new EventData(new Counted("a", 2)) { Id = "second" } } };
            var duplicate = context.Zones.Add(new Zone { Id = "there" });
            context.Accounts.Add(account);

            // Not saved, but taken along already: neither lost nor written twice.
            await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync(Cancellation));
            duplicate.State = EntityState.Detached;
            await context.SaveChangesAsync(Cancellation);

            account.Events.Add(new Counted("a", 3));
            account.Count++;
            await context.SaveChangesAsync(Cancellation);
        });

        Assert.Equal(["1", "2", "3"], (await app.ReadAsync()).Select(CountOf));
    }

    [Fact]
    public async Task A_tombstone_is_written_for_the_topic_of_a_route_by_outbox_and_by_context()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(context =>
        {
            context.AddOutboxEvent(new Counted("a", 1));
            context.AddOutboxTombstone<Counted>("a");
            new ContextOutbox<ShopContext>(context).AddTombstone<Painted>("b");
            Assert.Throws<UnknownEventTypeException>(() => context.AddOutboxTombstone<Unroutable>("a"));
            return context.SaveChangesAsync(Cancellation);
        });

        var rows = await app.ReadAsync();
        Assert.Equal([false, true], rows.Where(row => row is { Key: "a", Topic: "counts" }).Select(row => row.Value is null));
        Assert.Null(Assert.Single(rows, row => row is { Key: "b", Topic: "paintings" }).Value);
    }

    [Fact]
    public async Task An_event_that_is_not_due_waits_in_a_table_of_its_own()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        var due = new DateTimeOffset(2040, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));

        await app.InScopeAsync<ShopContext>(context =>
        {
            context.AddOutboxEvent(new Counted("a", 1), new OutboxEventOptions { NotBefore = due, Key = "b", Headers = new Dictionary<string, string> { ["tenant"] = "ä" } });
            return context.SaveChangesAsync(Cancellation);
        });

        Assert.Empty(await app.ReadAsync());
        var row = Assert.Single(await app.ReadAsync<DelayedOutboxRow>());
        Assert.Equal((due.UtcDateTime, "b", KeyBucket.Of("b")), (row.NotBefore, row.Key, row.Bucket));
        Assert.Equal(DateTimeKind.Utc, row.NotBefore.Kind);
        Assert.Equal("ä", Assert.Contains("tenant", OutboxHeaders.Read(row.Headers)));
    }

    [Fact]
    public async Task A_route_in_binary_mode_keeps_the_attributes_in_headers_and_the_bare_data_as_value()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(context =>
        {
            context.AddOutboxEvent(new Painted("a", "rot"), new OutboxEventOptions { Headers = new Dictionary<string, string> { ["tenant"] = "ä" } });
            return context.SaveChangesAsync(Cancellation);
        });

        var row = Assert.Single(await app.ReadAsync());
        var headers = OutboxRecords.Row(new RowPlace(1, row.Bucket, row.Key, IsHeldBack: false), row.Topic, row.Value, row.Headers).Record!.Headers.ToDictionary(header => header.Name, header => Encoding.UTF8.GetString(header.Value.Span));
        Assert.Equal("""{"key":"a","color":"rot"}""", Encoding.UTF8.GetString(row.Value!));
        Assert.Equal(["content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "tenant"], headers.Keys);
        Assert.Equal(("application/json", "1.0", "painted", "ä"), (headers["content-type"], headers["ce_specversion"], headers["ce_type"], headers["tenant"]));
    }

    [Fact]
    public async Task What_cannot_be_sent_is_refused_when_it_is_added()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            Assert.Throws<UnknownEventTypeException>(() => context.AddOutboxEvent(new Unroutable()));
            Assert.Throws<EventSerializationException>(() => context.AddOutboxEvent(new Unwritable()));
            Assert.Throws<ArgumentException>(() => context.AddOutboxEvent(new Counted(null!, 1)));
            Assert.Throws<ArgumentException>(() => context.AddOutboxEvent(new Counted("a", 1), new OutboxEventOptions { Headers = new Dictionary<string, string> { ["Content-Type"] = "x" } }));
            Assert.Throws<ArgumentException>(() => context.AddOutboxEvent(new Counted("a", 1), new OutboxEventOptions { Headers = new Dictionary<string, string> { ["ce_id"] = "x" } }));
            Assert.Equal(0, await context.SaveChangesAsync(Cancellation));
        });
    }

    [Fact]
    public async Task An_event_larger_than_is_allowed_is_refused_with_the_remedy_and_writes_nothing()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, configure: options => options.MaxEventBytes = 1_000);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            var refused = Assert.Throws<OutboxEventTooLargeException>(() => context.AddOutboxEvent(new Counted(new string('k', 1_000), 1)));

            Assert.Equal(("counts", 1_000, typeof(Counted)), (refused.Topic, refused.Limit, refused.EventType));
            Assert.InRange(refused.Size, 1_001, 2_000);
            Assert.Contains($"takes {refused.Size} bytes, and at most 1000 are allowed", refused.Message, StringComparison.Ordinal);
            Assert.Contains("OutboxOptions.MaxEventBytes", refused.Message, StringComparison.Ordinal);
            Assert.Equal(0, await context.SaveChangesAsync(Cancellation));
        });
    }

    [Fact]
    public async Task A_context_without_an_outbox_says_so()
    {
        await using var database = await CreateDatabaseAsync();
        await using var context = new ShopContext((DbContextOptions<ShopContext>)database.Use(new DbContextOptionsBuilder<ShopContext>()).Options);

        var thrown = Assert.Throws<InvalidOperationException>(() => context.AddOutboxEvent(new Counted("a", 1)));

        Assert.Contains("AddOutbox<ShopContext>()", thrown.Message, StringComparison.Ordinal);
    }

    private protected abstract Task<OutboxDatabase> CreateDatabaseAsync();

    private protected static Task<int> SaveAsync(ShopContext context, int count)
    {
        context.AddOutboxEvent(new Counted("a", count));
        return context.SaveChangesAsync(Cancellation);
    }

    private protected static string CountOf(OutboxRow row) => $"{NumberOf(row)}";

    internal static int NumberOf(OutboxRow row) => System.Text.Json.JsonDocument.Parse(CloudEventJson.Read(row.Value!).Data).RootElement.GetProperty("count").GetInt32();
}

public sealed class SqliteOutboxWritingTests : OutboxWritingTests
{
    [Fact]
    public async Task Numbers_are_never_used_again()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        await app.AddAsync(new Counted("a", 1), new Counted("a", 2));
        await app.InScopeAsync<ShopContext>(context => context.Set<OutboxRow>().ExecuteDeleteAsync(Cancellation));

        await app.AddAsync(new Counted("a", 3));

        Assert.Equal(3, Assert.Single(await app.ReadAsync()).Id);
    }

    private protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqliteOutboxDatabase());
}

public sealed class PostgreSqlOutboxWritingTests(PostgreSqlFixture postgreSql) : OutboxWritingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_share_an_ambient_transaction(bool completes)
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        using (var ambient = new System.Transactions.TransactionScope(System.Transactions.TransactionScopeAsyncFlowOption.Enabled))
        {
            await app.AddAsync(new Counted("a", 1));

            if (completes)
            {
                ambient.Complete();
            }
        }

        Assert.Equal(completes ? 1 : 0, (await app.ReadAsync()).Count);
    }

    [Fact]
    public async Task A_save_whose_connection_broke_is_repeated_by_a_retrying_strategy()
    {
        await using var database = (PostgreSqlOutboxDatabase)await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, (services, _) => services.AddDbContext<ShopContext>(
            options => options.UseNpgsql(database.ConnectionString, npgsql => npgsql.EnableRetryOnFailure())));

        await app.InScopeAsync<ShopContext>(async context =>
        {
            var broken = false;
            context.AddOutboxEvent(new Counted("a", 1));
            await context.Database.CreateExecutionStrategy().ExecuteInTransactionAsync(
                async () =>
                {
                    await context.SaveChangesAsync(acceptAllChangesOnSuccess: false, Cancellation);

                    if (!broken)
                    {
                        broken = true;
                        await database.Database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
                    }
                },
                () => Task.FromResult(false));
            context.ChangeTracker.AcceptAllChanges();
            Assert.True(broken);
        });

        Assert.Equal(["1"], (await app.ReadAsync()).Select(CountOf));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transaction_that_was_lost_when_nobody_was_told_is_not_gone_on_without(bool retries)
    {
        await using var database = (PostgreSqlOutboxDatabase)await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, (services, _) => services.AddDbContext<ShopContext>(options => options
            .UseNpgsql(database.ConnectionString, npgsql => npgsql.ExecutionStrategy(dependencies => retries ? new NpgsqlRetryingExecutionStrategy(dependencies) : new NonRetryingExecutionStrategy(dependencies)))
            .AddInterceptors(new BreakingRelease(database))));

        await app.InScopeAsync<ShopContext>(async context =>
        {
            var written = context.Database.CreateExecutionStrategy().ExecuteInTransactionAsync(
                async () =>
                {
                    context.ChangeTracker.Clear();
                    context.AddOutboxEvent(new Counted("a", 1));

                    // The connection breaks when this is done, and it succeeds.
                    await context.SaveChangesAsync(Cancellation);
                    Assert.Empty(await context.Zones.ToListAsync(Cancellation));
                    context.Zones.Add(new Zone { Id = "a" });
                    await context.SaveChangesAsync(Cancellation);
                },
                () => Task.FromResult(false));
            await (retries ? written : Assert.ThrowsAsync<TransactionLostException>(() => written));
            Assert.Equal(retries ? 1 : 0, await context.Zones.CountAsync(Cancellation));
        });

        Assert.Equal(retries ? 1 : 0, (await app.ReadAsync()).Count);
    }

    [Fact]
    public async Task A_transaction_that_a_context_was_given_and_that_was_lost_when_nobody_was_told_is_not_gone_on_without()
    {
        await using var database = (PostgreSqlOutboxDatabase)await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database, (services, _) => services.AddDbContext<ShopContext>(options => options.UseNpgsql(database.ConnectionString).AddInterceptors(new BreakingRelease(database))));

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await context.Database.GetDbConnection().OpenAsync(Cancellation);
            await using (var given = await context.Database.GetDbConnection().BeginTransactionAsync(Cancellation))
            {
                await context.Database.UseTransactionAsync(given, Cancellation);
                context.AddOutboxEvent(new Counted("a", 1));
                await context.SaveChangesAsync(Cancellation);
                var told = await Assert.ThrowsAnyAsync<Exception>(() => context.Zones.ToListAsync(Cancellation));
                Assert.IsType<TransactionLostException>(told.GetBaseException());
            }

            // Who was told may go on.
            Assert.Empty(await context.Zones.ToListAsync(Cancellation));
        });

        Assert.Empty(await app.ReadAsync());
    }

    [Fact]
    public async Task A_transaction_that_a_context_was_given_and_that_its_owner_committed_is_over()
    {
        await using var database = (PostgreSqlOutboxDatabase)await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            var connection = context.Database.GetDbConnection();
            await connection.OpenAsync(Cancellation);
            var given = await connection.BeginTransactionAsync(Cancellation);
            await context.Database.UseTransactionAsync(given, Cancellation);
            context.AddOutboxEvent(new Counted("a", 1));
            await context.SaveChangesAsync(Cancellation);
            await given.CommitAsync(Cancellation);
            await connection.CloseAsync();
            Assert.Empty(await context.Zones.ToListAsync(Cancellation));
        });

        Assert.Single(await app.ReadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_ambient_transaction_that_lost_its_connection_stores_nothing(bool staysOpen)
    {
        await using var database = (PostgreSqlOutboxDatabase)await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                using var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
                await (staysOpen ? context.Database.OpenConnectionAsync(Cancellation) : Task.CompletedTask);
                context.AddOutboxEvent(new Counted("a", 1));
                await context.SaveChangesAsync(Cancellation);

                using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
                {
                    await BreakingRelease.BreakAsync(database);
                }

                context.Zones.Add(new Zone { Id = "a" });
                await context.SaveChangesAsync(Cancellation);
                scope.Complete();
            });
        });

        await app.InScopeAsync<ShopContext>(async context => Assert.Empty(await context.Zones.ToListAsync(Cancellation)));
        Assert.Empty(await app.ReadAsync());
    }

    [Fact]
    public async Task Who_was_told_that_a_transaction_was_lost_goes_on_with_the_context()
    {
        await using var database = (PostgreSqlOutboxDatabase)await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await using (await context.Database.BeginTransactionAsync(Cancellation))
            {
                await BreakingRelease.BreakAsync(database);
                context.AddOutboxEvent(new Counted("a", 1));
                await Assert.ThrowsAnyAsync<Exception>(() => context.SaveChangesAsync(Cancellation));
            }

            await context.SaveChangesAsync(Cancellation);
        });

        Assert.Single(await app.ReadAsync());
    }

    private protected override async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());
}
