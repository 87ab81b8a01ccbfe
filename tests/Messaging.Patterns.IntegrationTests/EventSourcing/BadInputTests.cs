using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Serialization;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>What callers, configuration and strangers get wrong: a clear error, and nothing lost.</summary>
public sealed class BadInputTests(OneNodeKafka kafka)
{
    private const string NewerFrame = """{"specversion":"1.0","id":"1","source":"/note","type":"noted","streamversion":"1","logversion":2,"logbase":"0","logpartitions":4,"appendid":"00000000000000000000000000000001"}""";

    [Fact]
    public async Task Foreign_bytes_stop_their_partition_and_are_named_by_topic_partition_and_offset()
    {
        var setup = await SetupAsync();
        await using var instance = await StoreInstance.StartAsync(setup);
        var (own, other) = await TwoPartitionsAsync(instance);
        await Topics.ProduceAsync(setup.BootstrapServers, setup.TopicName, own.Partition, "note-1", "not a frame");

        await UntilAsync(() => instance.Log.Entries.Any(entry => entry.Id == 1310));

        var stopped = await Assert.ThrowsAsync<EventStoreStoppedException>(() => instance.NoteAsync(own.Id, "refused").AsTask());
        Assert.Contains($"offset {own.Next} holds no frame", stopped.Message, StringComparison.Ordinal);
        Assert.Contains($"topic '{setup.TopicName}', partition {own.Partition}", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await instance.NoteAsync(other.Id, "goes on")).Version);
    }

    [Fact]
    public async Task Foreign_bytes_are_set_aside_where_that_is_wanted_and_every_event_stays_readable()
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync()) with { Folder = folder.Path, Store = store => store.OnForeignRecord = ForeignRecordPolicy.SetAside };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            var (own, _) = await TwoPartitionsAsync(instance);
            await Topics.ProduceAsync(setup.BootstrapServers, setup.TopicName, own.Partition, key: null, "no key");
            await Topics.ProduceAsync(setup.BootstrapServers, setup.TopicName, own.Partition, "note-1", value: null);
            await Topics.ProduceAsync(setup.BootstrapServers, setup.TopicName, own.Partition, "note-1", "{}");

            Assert.Equal(2, (await instance.NoteAsync(own.Id, "behind them")).Version);
            Assert.Equal(["first", "behind them"], (await instance.ReadAsync(own.Id, ReadConsistency.Strong)).Texts());
            Assert.Equal(
                [own.Next, own.Next + 1, own.Next + 2],
                instance.Log.Entries.Where(entry => entry.Id == 1311).Select(entry => long.Parse(entry.Text.Split("offset ")[1].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture)));

            // At the end of the partition, so that the next start finds nothing behind it.
            await Topics.ProduceAsync(setup.BootstrapServers, setup.TopicName, own.Partition, "note-1", "the last");
            await UntilAsync(() => instance.Log.Entries.Count(entry => entry.Id == 1311) == 4);
        }

        await using var restored = await StoreInstance.StartAsync(setup);
        await restored.ReadyAsync();
        Assert.Equal(3, await restored.Feed.ReadAllAsync(Position.Start, cancellationToken: TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_frame_of_a_newer_log_version_stops_the_store_even_where_foreign_bytes_are_set_aside()
    {
        var setup = (await SetupAsync()) with { Store = store => store.OnForeignRecord = ForeignRecordPolicy.SetAside };
        await using var instance = await StoreInstance.StartAsync(setup);
        var (own, _) = await TwoPartitionsAsync(instance);

        await Topics.ProduceAsync(setup.BootstrapServers, setup.TopicName, own.Partition, "note-1", NewerFrame);

        await UntilAsync(() => instance.EventLog.Topics.Single().All[own.Partition].Failure is not null);
        Assert.Contains("log version 2", (await Assert.ThrowsAsync<EventStoreStoppedException>(() => instance.NoteAsync(own.Id, "refused").AsTask())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_finds_foreign_bytes_at_its_start_says_so_and_ends_the_host()
    {
        var setup = await SetupAsync();
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await instance.NoteAsync("1", "first");
        }

        await Topics.ProduceAsync(setup.BootstrapServers, setup.TopicName, 2, "note-1", "not a frame");

        await using var started = await StoreInstance.StartAsync(setup);
        Assert.Contains("partition 2", (await Assert.ThrowsAsync<EventStoreStoppedException>(started.ReadyAsync)).Message, StringComparison.Ordinal);
        await started.Stopping.WaitAsync();
    }

    [Fact]
    public async Task Appends_up_to_the_limit_of_the_topic_are_taken_and_larger_ones_refused_with_the_limit()
    {
        var setup = (await SetupAsync()) with { Topic = topic => topic.Configs["max.message.bytes"] = "2000000" };
        await using var instance = await StoreInstance.StartAsync(setup);

        // One byte of text is one byte of the record; the rest is below a thousand.
        Assert.Equal(1, (await instance.NoteAsync("1", new string('x', 1_999_000))).Version);
        var tooLarge = await Assert.ThrowsAsync<AppendTooLargeException>(() => instance.NoteAsync("1", new string('x', 2_000_001)).AsTask());
        Assert.Equal(2_000_000, tooLarge.Limit);
        Assert.InRange(tooLarge.Size, 2_000_001, 2_001_000);

        Assert.Equal(2, (await instance.NoteAsync("1", "goes on")).Version);
        var many = Enumerable.Range(0, 5_000).Select(number => new EventData(new Noted($"{number}"))).ToList();
        Assert.Equal(5_002, (await instance.Writer.AppendAsync(new("note", "1"), ExpectedVersion.Exactly(2), many, cancellationToken: TestContext.Current.CancellationToken)).Version);
        Assert.Equal(5_002, (await instance.ReadAsync("1", ReadConsistency.Strong)).Count);
    }

    [Fact]
    public async Task Appends_without_events_of_unknown_categories_or_unknown_types_are_refused_before_anything_is_sent()
    {
        var setup = await SetupAsync();
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.ReadyAsync();
        var before = RawLog.Read(setup.BootstrapServers, setup.TopicName).Count;

        var empty = await Assert.ThrowsAsync<ArgumentException>(() => AppendAsync(instance, "note", []));
        Assert.Contains("note-1", empty.Message, StringComparison.Ordinal);
        var category = await Assert.ThrowsAsync<InvalidOperationException>(() => AppendAsync(instance, "memo", Noted.One("x")));
        Assert.Contains("category 'memo', which has no topic. Known categories: note", category.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => instance.Reader.ReadStreamAsync(new("memo", "1"), cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken).AsTask());
        var type = await Assert.ThrowsAsync<UnknownEventTypeException>(() => AppendAsync(instance, "note", [new EventData("a string")]));
        Assert.Contains("System.String", type.Message, StringComparison.Ordinal);

        foreach (var (kind, id) in new[] { ("", "1"), ("a-b", "1"), ("note", ""), ("note", "a b"), ("note", new string('x', 600)) })
        {
            Assert.Throws<ArgumentException>(() => new StreamId(kind, id));
        }

        Assert.Equal(before, RawLog.Read(setup.BootstrapServers, setup.TopicName).Count);
    }

    [Fact]
    public async Task Every_fault_of_the_options_is_listed_by_one_start()
    {
        var setup = new StoreSetup("", "contract")
        {
            Kafka = options => options.Producer["acks"] = "1",
            Store = options => (options.AppendIdWindow, options.TopicCheckInterval) = (0, TimeSpan.Zero),
            Writer = options => (options.AppendTimeout, options.MaxPendingAppends) = (TimeSpan.Zero, 0),
            Reader = options => (options.StorePath, options.ReadTimeout) = ("", TimeSpan.FromSeconds(-1)),
            More = builder => builder.AddEventType<SameName>().AddEventType<string>(),
        };

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => StoreInstance.StartAsync(setup));

        var failures = exception is AggregateException all ? all.InnerExceptions.Cast<OptionsValidationException>().SelectMany(one => one.Failures) : ((OptionsValidationException)exception).Failures;
        var text = string.Join('\n', failures);
        Assert.All(
            ["BootstrapServers", "'acks' is '1'", "AppendIdWindow", "TopicCheckInterval", "AppendTimeout", "MaxPendingAppends", "StorePath", "ReadTimeout", "'noted' is declared by", "'System.String' has no event type name"],
            fault => Assert.Contains(fault, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_setting_that_librdkafka_refuses_ends_the_start_and_is_named()
    {
        var setup = (await SetupAsync()) with { Kafka = options => options.Producer["no.such.setting"] = "1" };
        await using var instance = await StoreInstance.StartAsync(setup);

        Assert.Contains("no.such.setting", (await Assert.ThrowsAsync<MessagingException>(() => instance.Running)).Message, StringComparison.Ordinal);

        // Nobody waits for a topic that will never be ready.
        var patient = new AppendOptions { Timeout = TimeSpan.FromDays(1) };
        Assert.Contains("no.such.setting", (await Assert.ThrowsAsync<MessagingException>(() => instance.NoteAsync("1", "never", options: patient).AsTask())).Message, StringComparison.Ordinal);
        Assert.Contains("no.such.setting", (await instance.CheckHealthAsync()).Entries["kafka-event-store"].Description, StringComparison.Ordinal);
        await instance.Stopping.WaitAsync();
    }

    private static Task<AppendResult> AppendAsync(StoreInstance instance, string category, EventData[] events) =>
        instance.Writer.AppendAsync(new(category, "1"), default, events, cancellationToken: TestContext.Current.CancellationToken).AsTask();

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Appends to two streams that live in different partitions.</summary>
    private static async Task<((string Id, int Partition, long Next) Own, (string Id, int Partition, long Next) Other)> TwoPartitionsAsync(StoreInstance instance)
    {
        await instance.ReadyAsync();
        var topic = instance.EventLog.Topics.Single();
        var ids = Enumerable.Range(1, 100).Select(number => $"{number}").DistinctBy(id => topic.PartitionOf(Encoding.UTF8.GetBytes($"note-{id}")).Number).Take(2).ToList();
        var places = new List<(string, int, long)>();

        foreach (var id in ids)
        {
            var position = (await instance.NoteAsync(id, "first")).Position;
            places.Add((id, topic.PartitionOf(Encoding.UTF8.GetBytes($"note-{id}")).Number, position.Next(position.Parts.Single())));
        }

        return (places[0], places[1]);
    }

    private async Task<StoreSetup> SetupAsync() => new(await kafka.GetAsync(), KafkaTopics.UniqueName("bad"));

    [EventType("noted")]
    private sealed record SameName;
}
