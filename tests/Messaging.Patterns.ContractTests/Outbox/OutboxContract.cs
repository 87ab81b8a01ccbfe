using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.ContractTests.Outbox;

/// <summary>An outbox: what is added is to be published once the caller's transaction has committed, and never without it, in order per key.</summary>
/// <remarks>Whoever inherits registers routes of <see cref="Opened"/>, with the owner as key, and of <see cref="Unwritable"/> to <see cref="Topic"/>.</remarks>
[ContractOf(typeof(IOutbox))]
public abstract class OutboxContract(Instances instances) : Contract(instances)
{
    /// <summary>The topic of the routes.</summary>
    public const string Topic = "contract-events";

    protected override IEnumerable<Type> Abstractions => [typeof(IOutbox)];

    [Fact]
    public async Task An_event_is_there_after_the_save_as_its_route_says()
    {
        var key = NewKey();

        await InUnitAsync(async unit =>
        {
            unit.Outbox.Add(new EventData(new Opened(key)) { Id = "my own id/1" });
            unit.Outbox.Add(new Opened(key));
            Assert.Empty(await ReadAsync(key));
            await unit.SaveAsync();
        });

        var entries = await ReadAsync(key);
        Assert.Equal(2, entries.Count);
        Assert.All(entries, entry => Assert.Equal((Topic, key, "contract-opened", (DateTimeOffset?)null, 0), (entry.Topic, entry.Key, entry.Type, entry.NotBefore, entry.Headers.Count)));
        Assert.Equal("my own id/1", entries[0].Id);
        Assert.NotEmpty(entries[1].Id!);
    }

    [Fact]
    public async Task What_is_not_saved_is_not_there()
    {
        var key = NewKey();

        await InUnitAsync(unit =>
        {
            unit.Outbox.Add(new Opened(key));
            return Task.CompletedTask;
        });

        Assert.Empty(await ReadAsync(key));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_of_all_saves_of_a_transaction_are_there_if_and_only_if_it_commits(bool commits)
    {
        var key = NewKey();

        await InUnitAsync(async unit =>
        {
            await unit.BeginAsync();
            await SaveAsync(unit, key, "1");
            await SaveAsync(unit, key, "2");
            Assert.Empty(await ReadAsync(key));
            await (commits ? unit.CommitAsync() : unit.RollbackAsync());
        });

        Assert.Equal(commits ? ["1", "2"] : [], await IdsAsync(key));
    }

    [Fact]
    public async Task A_transaction_that_ends_without_a_commit_leaves_nothing()
    {
        var key = NewKey();

        await InUnitAsync(async unit =>
        {
            await unit.BeginAsync();
            await SaveAsync(unit, key, "1");
        });

        Assert.Empty(await ReadAsync(key));
    }

    [Fact]
    public async Task A_save_writes_what_its_own_unit_of_work_has_added()
    {
        var key = NewKey();

        await InUnitAsync(first => InUnitAsync(async second =>
        {
            first.Outbox.Add(new EventData(new Opened(key)) { Id = "first" });
            await SaveAsync(second, key, "second");
            Assert.Equal(["second"], await IdsAsync(key));
            await first.SaveAsync();
            await second.SaveAsync();
        }));

        Assert.Equal(["second", "first"], await IdsAsync(key));
    }

    [Fact]
    public async Task Events_of_one_key_are_in_the_order_of_transactions_and_within_each_as_they_were_added()
    {
        var keys = Enumerable.Range(0, 3).Select(_ => NewKey()).ToList();

        foreach (var part in Enumerable.Range(0, 200).Chunk(40))
        {
            await InUnitAsync(async unit =>
            {
                foreach (var number in part)
                {
                    keys.ForEach(key => unit.Outbox.Add(new EventData(new Opened(key)) { Id = $"{number}" }));
                }

                await unit.SaveAsync();
            });
        }

        foreach (var key in keys)
        {
            Assert.Equal(Enumerable.Range(0, 200).Select(number => $"{number}"), await IdsAsync(key));
        }
    }

    [Fact]
    public async Task A_tombstone_has_its_place_among_the_events_of_its_key()
    {
        var key = NewKey();

        await InUnitAsync(async unit =>
        {
            unit.Outbox.Add(new EventData(new Opened(key)) { Id = "before" });
            unit.Outbox.AddTombstone<Opened>(key);
            unit.Outbox.Add(new EventData(new Opened(key)) { Id = "after" });
            await unit.SaveAsync();
        });

        var entries = await ReadAsync(key);
        Assert.Equal(["before", null, "after"], entries.Select(entry => entry.Id));
        Assert.Equal((Topic, key, (string?)null), (entries[1].Topic, entries[1].Key, entries[1].Type));
    }

    [Fact]
    public async Task Options_say_the_key_the_headers_and_when_an_event_is_due()
    {
        var (key, due) = (NewKey(), new DateTimeOffset(2040, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)));
        var headers = new Dictionary<string, string> { ["tenant"] = "north \"ü\"", ["empty"] = "" };

        await InUnitAsync(async unit =>
        {
            unit.Outbox.Add(new Opened("somebody else"), new OutboxEventOptions { Key = key, Headers = headers, NotBefore = due });
            await unit.SaveAsync();
        });

        var entry = Assert.Single(await ReadAsync(key));
        Assert.Equal((key, due), (entry.Key, entry.NotBefore));
        Assert.Equal(headers.OrderBy(header => header.Key, StringComparer.Ordinal), entry.Headers.OrderBy(header => header.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_published_is_refused_when_it_is_added_and_takes_nothing_with_it()
    {
        var key = NewKey();

        await InUnitAsync(async unit =>
        {
            unit.Outbox.Add(new EventData(new Opened(key)) { Id = "only" });
            Assert.Throws<ArgumentNullException>("event", () => unit.Outbox.Add((EventData)null!));
            Assert.Throws<ArgumentNullException>("key", () => unit.Outbox.AddTombstone<Opened>(null!));
            Assert.Equal(typeof(Charged).FullName, Assert.Throws<UnknownEventTypeException>(() => unit.Outbox.Add(new Charged(1))).Type);
            Assert.Equal(typeof(Unregistered).FullName, Assert.Throws<UnknownEventTypeException>(() => unit.Outbox.Add(new Unregistered(1))).Type);
            Assert.Equal(typeof(Charged).FullName, Assert.Throws<UnknownEventTypeException>(() => unit.Outbox.AddTombstone<Charged>(key)).Type);
            Assert.Throws<EventSerializationException>(() => unit.Outbox.Add(new Unwritable(1), new OutboxEventOptions { Key = key }));
            Assert.Throws<ArgumentException>(() => unit.Outbox.Add(new Opened(null!)));
            await unit.SaveAsync();
        });

        Assert.Equal(["only"], await IdsAsync(key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("id")]
    [InlineData("traceparent")]
    public Task Metadata_with_a_name_that_is_invalid_or_taken_is_refused(string name) => InUnitAsync(unit =>
    {
        var data = new EventData(new Opened(NewKey())) { Metadata = new Dictionary<string, string> { [name] = "value" } };
        Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => unit.Outbox.Add(data)).Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("")]
    [InlineData("Content-Type")]
    [InlineData("ce_id")]
    public Task Headers_with_a_name_that_is_empty_or_taken_are_refused(string name) => InUnitAsync(unit =>
    {
        var options = new OutboxEventOptions { Headers = new Dictionary<string, string> { [name] = "value" } };
        Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => unit.Outbox.Add(new Opened(NewKey()), options)).Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    /// <summary>Runs a unit of work, which ends without a commit unless it has committed.</summary>
    protected abstract Task InUnitAsync(Func<OutboxUnit, Task> work);

    /// <summary>Returns what is committed under a key, in the order in which it is to be published.</summary>
    protected abstract Task<IReadOnlyList<OutboxEntry>> ReadAsync(string key);

    private static string NewKey() => $"owner {Guid.NewGuid():N}";

    private static Task SaveAsync(OutboxUnit unit, string key, string id)
    {
        unit.Outbox.Add(new EventData(new Opened(key)) { Id = id });
        return unit.SaveAsync();
    }

    private async Task<IEnumerable<string?>> IdsAsync(string key) => (await ReadAsync(key)).Select(entry => entry.Id);
}
