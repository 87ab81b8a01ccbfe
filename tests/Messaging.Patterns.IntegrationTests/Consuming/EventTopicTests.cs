using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Topics of streams: only what is in a stream is handled, wherever the group starts.</summary>
public sealed class EventTopicTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Losing_frames_and_barriers_are_passed_over_also_where_nobody_said_that_the_topic_holds_streams(bool isRegistered)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteBarrierAsync();
        await topic.WriteFrameAsync(firstVersion: 1, @base: 1, 11, 12);
        await topic.WriteFrameAsync(firstVersion: 1, @base: 1, 91);
        await topic.WriteFrameAsync(firstVersion: 3, @base: 2, 13);
        await topic.WriteFrameAsync(firstVersion: 3, @base: 2, 93, 94);
        await topic.WriteFrameAsync(firstVersion: 4, @base: 5, 14);

        await using (await StartAsync(topic, isRegistered))
        {
            await _handled.UntilCountAsync(4);
        }

        Assert.Equal([11, 12, 13, 14], _handled.Numbers);
        Assert.Equal([1, 2, 3, 4], _handled.All.Select(one => one.Context.Version));
        Assert.Equal([6], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_group_that_starts_between_winner_and_loser_reads_back_and_knows_the_loser()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 0, 11);
        await topic.WriteFrameAsync(firstVersion: 2, @base: 1, 12);
        await topic.WriteFrameAsync(firstVersion: 2, @base: 1, 92);
        await topic.WriteFrameAsync(firstVersion: 2, @base: 0, 93);
        await topic.WriteFrameAsync(firstVersion: 3, @base: 1, 13);
        await topic.WriteFrameAsync(firstVersion: 4, @base: 5, 14);
        await topic.CommitAsync(_group, 2);

        await using var instance = await StartAsync(topic);

        await _handled.UntilCountAsync(2);
        Assert.Equal([13, 14], _handled.Numbers);
    }

    [Fact]
    public async Task Two_writers_on_the_same_streams_and_a_group_that_is_started_again_and_again_handle_every_version_once()
    {
        const int Streams = 3;
        const int Appends = 60;
        var servers = await kafka.GetAsync();
        var name = KafkaTopics.UniqueName("counters");
        await using var first = await StartWriterAsync(servers, name);
        await using var second = await StartWriterAsync(servers, name);
        var appending = Task.WhenAll(Enumerable.Range(0, Streams).SelectMany(stream => new[] { first, second }.Select(instance => AppendAsync(instance.Get<IEventWriter>(), stream, Appends))));

        while (!appending.IsCompleted)
        {
            await using var instance = await StartAsync(servers, name, ordering: ProcessingOrder.PerPartition);
            var before = _handled.All.Count;
            await Task.WhenAny(appending, _handled.UntilAsync(all => all.Count > before + 20));
        }

        await appending;
        await using var last = await StartAsync(servers, name, ordering: ProcessingOrder.PerPartition);
        await _handled.UntilAsync(all => all.Count >= 2 * Streams * Appends);
        Assert.All(
            _handled.All.GroupBy(one => one.Context.Stream),
            stream => Assert.Equal(Enumerable.Range(1, 2 * Appends).Select(version => (long)version), stream.Select(one => one.Context.Version)));
    }

    [Theory]
    [InlineData("not even JSON", "no frame")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/x","type":"counted","data":{"number":1}}""", "no frame")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/x","type":"counted","logversion":2}""", "log version 2")]
    public async Task A_foreign_record_stops_the_partition(string value, string reason)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 0, 11);
        await topic.WriteAsync(0, "counter-1", value);
        await using var instance = await StartAsync(topic);

        var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);

        Assert.Contains("at offset 1", health.Description, StringComparison.Ordinal);
        Assert.Contains(reason, health.Description, StringComparison.Ordinal);
        await instance.StopAsync();
        Assert.Equal([1], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_foreign_record_is_set_aside_and_logged_where_that_is_asked_for()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 0, 11);
        await topic.WriteAsync(0, "counter-1", "not even JSON");
        await topic.WriteFrameAsync(firstVersion: 2, @base: 1, 12);
        await using var instance = await StartAsync(topic, more: patterns => patterns.Services.Configure<KafkaEventStoreOptions>(options => options.OnForeignRecord = ForeignRecordPolicy.SetAside));

        await _handled.UntilCountAsync(2);

        Assert.Contains("offset 1", (await instance.UntilLoggedAsync(1421)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_log_version_stops_the_partition_whatever_the_policy()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteAsync(0, "counter-1", """{"specversion":"1.0","id":"x","source":"/x","type":"counted","logversion":2}""");
        await using var instance = await StartAsync(topic, more: patterns => patterns.Services.Configure<KafkaEventStoreOptions>(options => options.OnForeignRecord = ForeignRecordPolicy.SetAside));

        Assert.Contains("log version 2", (await instance.UntilHealthAsync(HealthStatus.Unhealthy)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_written_under_another_partition_count_stops_the_partition()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(partitions: 2, firstVersion: 1, @base: 0, 11);
        await using var instance = await StartAsync(topic);

        Assert.Contains("the topic had 2 partitions", (await instance.UntilHealthAsync(HealthStatus.Unhealthy)).Description, StringComparison.Ordinal);
        Assert.Empty(_handled.Numbers);
    }

    [Fact]
    public async Task A_frame_whose_writer_knew_more_than_the_log_holds_stops_the_partition()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 7, 11);
        await using var instance = await StartAsync(topic);

        Assert.Contains("the log lost records", (await instance.UntilHealthAsync(HealthStatus.Unhealthy)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_look_back_to_records_that_are_gone_stops_the_partition()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 0, 11);
        await topic.WriteFrameAsync(firstVersion: 2, @base: 1, 12);
        await topic.WriteFrameAsync(firstVersion: 2, @base: 1, 92);
        await topic.DeleteBeforeAsync(2);
        await topic.CommitAsync(_group, 2);
        await using var instance = await StartAsync(topic);

        Assert.Contains("must be read back to offset 1", (await instance.UntilHealthAsync(HealthStatus.Unhealthy)).Description, StringComparison.Ordinal);
        Assert.Empty(_handled.Numbers);
    }

    [Fact]
    public async Task A_new_group_stops_where_the_first_records_are_gone_and_goes_on_where_it_is_told_to()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 0, 11);
        await topic.WriteFrameAsync(firstVersion: 2, @base: 1, 12);
        await topic.DeleteBeforeAsync(1);
        await using (var instance = await StartAsync(topic))
        {
            Assert.Contains("the log now begins at offset 1", (await instance.UntilHealthAsync(HealthStatus.Unhealthy)).Description, StringComparison.Ordinal);
            Assert.Empty(_handled.Numbers);
        }

        await topic.CommitAsync(_group, 1);
        await using var again = await StartAsync(topic);

        await _handled.UntilCountAsync(1);
        Assert.Equal([12], _handled.Numbers);
    }

    [Fact]
    public async Task An_append_of_several_events_that_fails_in_the_middle_comes_again_as_a_whole()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 0, 11, 12, 13);
        await using (var failing = await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).OnFailure(failure => failure.WithoutRetryLater()).Handle<Counted>((counted, context, token) =>
            counted.Number == 12 ? throw new InvalidOperationException("no 12") : _handled.HandleAsync(counted, context, token))))
        {
            await failing.UntilHealthAsync(HealthStatus.Unhealthy);
        }

        Assert.Equal([-1], await topic.CommittedAsync(_group));
        await using var again = await StartAsync(topic);

        await _handled.UntilAsync(all => all.Count == 4);
        Assert.Equal([11, 11, 12, 13], _handled.Numbers);
    }

    private static async Task AppendAsync(IEventWriter writer, int stream, int appends)
    {
        for (var number = 0; number < appends; number++)
        {
            await writer.AppendAsync(
                new StreamId("counter", $"{stream}"), ExpectedVersion.Any, [new EventData(new Counted(number))], cancellationToken: TestContext.Current.CancellationToken);
        }
    }

    private static Task<GroupInstance> StartWriterAsync(string servers, string topic) => GroupInstance.StartAsync(
        servers,
        KafkaTopics.UniqueName("group"),
        group => group.From(topic).Handle<Counted>((_, _, _) => ValueTask.CompletedTask),
        patterns => patterns.AddStreams("counter", topic, specification => specification.Partitions = 1).AddKafkaEventWriter());

    private Task<GroupInstance> StartAsync(CounterTopic topic, bool isRegistered = true, Action<IMessagingPatternsBuilder>? more = null) =>
        isRegistered ? StartAsync(topic.Servers, topic.Name, more) : GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync));

    // In order per key, what other keys are ahead by when an instance stops would come again.
    private Task<GroupInstance> StartAsync(string servers, string topic, Action<IMessagingPatternsBuilder>? more = null, ProcessingOrder ordering = default) => GroupInstance.StartAsync(
        servers,
        _group,
        group => group.From(topic).Ordered(ordering).Handle<Counted>(_handled.HandleAsync),
        patterns =>
        {
            patterns.AddStreams("counter", topic, specification => specification.Partitions = 1).Services.Configure<KafkaEventStoreOptions>(options => options.Provisioning = Kafka.Topics.ProvisioningMode.None);
            more?.Invoke(patterns);
        });
}
