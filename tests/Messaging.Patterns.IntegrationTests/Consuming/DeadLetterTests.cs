using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Serialization;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>What cannot be handled is set aside with its bytes, if the group is told to; only then its offset is committed.</summary>
public sealed class DeadLetterTests(OneNodeKafka kafka)
{
    private const string Content = "application/cloudevents+json; charset=UTF-8";

    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task A_poison_event_is_set_aside_as_it_was_and_everything_else_goes_on()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1);
        await topic.WriteAsync(0, "poison-key", Event(2), ("content-type", Content), ("tenant", "blue"), ("tenant", "green"));
        await topic.PublishAsync(0, 3);
        await using (var instance = await StartAsync(topic, poison: [2]))
        {
            await _handled.UntilCountAsync(2);
            var letter = Assert.Single(await UntilAsync(instance, 1));

            Assert.Equal((_group, topic.Name, 0, 1L, 0), (letter.Group, letter.Topic, letter.Partition, letter.Offset, letter.Index));
            Assert.Equal(("poison-key", Event(2)), (Text(letter.Key), Text(letter.Value)));
            Assert.Equal([("content-type", Content), ("tenant", "blue"), ("tenant", "green")], letter.Headers.Select(header => (header.Key, Text(header.Value))));
            Assert.Equal((1, "System.InvalidOperationException", "no 2"), (letter.Attempts, letter.ExceptionType, letter.ExceptionMessage));
            Assert.True(letter.FailedAt >= letter.Timestamp.AddMinutes(-1) && letter.ReplayedAt is null);
            Assert.Equal("no 2", (await instance.UntilLoggedAsync(1450)).Exception!.Message);
            Assert.Equal(HealthStatus.Healthy, (await instance.CheckHealthAsync()).Status);
        }

        Assert.Equal([1, 3], _handled.Numbers);
        Assert.Equal([3], await topic.CommittedAsync(_group));
    }

    [Theory]
    [InlineData("no CloudEvent at all", null)]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/tests","type":"counted","data":{"number":"many"}}""", 0)]
    [InlineData("""{"logversion":"1", no frame and no JSON""", null)]
    public async Task Bytes_that_cannot_be_read_are_set_aside_as_they_are(string value, int? index)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var bytes = Encoding.UTF8.GetBytes(value).Append((byte)0xff).ToArray();
        await topic.PublishAsync(0, 1);
        await topic.WriteAsync(0, null, index is null ? bytes : bytes[..^1]);
        await topic.PublishAsync(0, 2);
        await using var instance = await StartAsync(topic);

        await _handled.UntilCountAsync(2);
        var letter = Assert.Single(await UntilAsync(instance, 1));

        Assert.Equal(index is null ? bytes : bytes[..^1], letter.Value!.Value.ToArray());
        Assert.Equal((null, index, 1L), (letter.Key, letter.Index, letter.Offset));
    }

    [Fact]
    public async Task A_record_without_a_value_whose_handler_fails_is_set_aside_without_one()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteAsync(0, "gone", value: (string?)null);
        await using var instance = await GroupInstance.StartAsync(
            topic.Servers, _group, group => group.From(topic.Name).OnFailure(AtOnce).Handle<Tombstone>((_, _, _) => throw new InvalidOperationException("no tombstones")));

        var letter = Assert.Single(await UntilAsync(instance, 1));

        Assert.Equal(("gone", null), (Text(letter.Key), letter.Value));
    }

    [Fact]
    public async Task Of_an_append_of_several_events_only_the_one_that_failed_is_set_aside()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 0, 11, 12, 13);
        await topic.WriteFrameAsync(firstVersion: 4, @base: 1, 14);
        await using var instance = await StartAsync(topic, poison: [12]);

        await _handled.UntilCountAsync(3);
        var letter = Assert.Single(await UntilAsync(instance, 1));

        Assert.Equal([11, 13, 14], _handled.Numbers);
        Assert.Equal((0L, 1, 2L), (letter.Offset, letter.Index, letter.Version));
        Assert.Contains("cannot be replayed", (await Assert.ThrowsAsync<MessagingException>(() => Letters(instance).ReplayAsync(_group, cancellationToken: TestContext.Current.CancellationToken).AsTask())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_batch_only_the_event_that_failed_is_set_aside()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3, 4);
        await using (var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Configure(options => (options.BatchSize, options.BatchTimeout) = (4, TimeSpan.FromSeconds(10)))
            .OnFailure(AtOnce)
            .HandleBatch<Counted>(async (events, token) =>
            {
                if (events.Any(one => one.Event.Number == 3))
                {
                    throw new InvalidOperationException("no 3");
                }

                foreach (var (counted, context) in events)
                {
                    await _handled.HandleAsync(counted, context, token);
                }
            })))
        {
            await _handled.UntilCountAsync(3);
            Assert.Equal(2, Assert.Single(await UntilAsync(instance, 1)).Offset);
        }

        Assert.Equal([1, 2, 4], _handled.Numbers);
        Assert.Equal([4], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_dead_letter_that_cannot_be_stored_stops_the_partition_before_its_event()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var tooSmall = await KafkaTopics.CreateAsync(topic.Servers, "small", 1, new() { ["max.message.bytes"] = "300" });
        await topic.PublishAsync(0, 1, 2, 3);
        await using (var instance = await StartAsync(topic, options => (options.DeadLetterTopic, options.Provisioning) = (tooSmall, ProvisioningMode.None), 2))
        {
            var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);

            Assert.Contains($"partition 0, at offset 1: InvalidOperationException: no 2; could not be set aside: topic '{tooSmall}'", health.Description, StringComparison.Ordinal);
            Assert.Contains(Assert.IsType<AggregateException>(health.Exception).InnerExceptions, cause => cause.Message == "no 2");
        }

        Assert.Equal([1], _handled.Numbers);
        Assert.Equal([1], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task After_a_crash_between_dead_letter_and_commit_the_event_is_set_aside_again_and_nothing_is_lost()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3);
        await using var first = await StartAsync(topic, NeverCommits, 2);
        await _handled.UntilCountAsync(2);
        Assert.Single(await UntilAsync(first, 1));

        // Takes the place of the first, which is thrown out and commits nothing.
        await using (var second = await StartAsync(topic, NeverCommits, 2))
        {
            Assert.Equal([1L, 1L], (await UntilAsync(second, 2)).Select(letter => letter.Offset));
            await _handled.UntilAsync(all => all.Count == 4);
        }

        Assert.Equal([1, 3, 1, 3], _handled.Numbers);
        Assert.Equal([3], await topic.CommittedAsync(_group));

        static void NeverCommits(KafkaConsumerGroupOptions options) => (options.GroupInstanceId, options.CommitInterval) = ("the-one", TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Dead_letters_are_filtered_and_replayed_once_each_with_their_bytes_and_the_mark_outlives_the_process()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var isRepaired = false;
        await topic.PublishAsync(0, 1);
        await topic.WriteAsync(0, "key", Event(2), ("content-type", Content));
        await topic.WriteAsync(0, "key", "no event");
        await using (var instance = await StartAsync(topic, poison: [2], isRepaired: () => isRepaired))
        {
            await UntilAsync(instance, 2);
            Assert.Empty(await BrowseAsync(instance, new() { From = TimeProvider.System.GetUtcNow().AddMinutes(1) }));
            Assert.Equal(2, Assert.Single(await BrowseAsync(instance, new() { ExceptionType = "RecordRefusedException" })).Offset);
            isRepaired = true;

            Assert.Equal(1, await Letters(instance).ReplayAsync(_group, new() { ExceptionType = nameof(InvalidOperationException) }, TestContext.Current.CancellationToken));
            await _handled.UntilCountAsync(2);
        }

        await using var again = await StartAsync(topic);
        Assert.Equal(0, await Letters(again).ReplayAsync(_group, new() { ExceptionType = nameof(InvalidOperationException) }, TestContext.Current.CancellationToken));
        Assert.Equal([2L], (await BrowseAsync(again)).Select(letter => letter.Offset));
        Assert.NotNull((await BrowseAsync(again, new() { IncludesReplayed = true }))[0].ReplayedAt);
        var replayed = _handled.All.Single(one => one.Number == 2).Context;
        Assert.Equal((3L, "key", "content-type"), (replayed.Offset, Text(replayed.Key), Assert.Single(replayed.Headers).Key));
    }

    [Fact]
    public async Task A_group_without_dead_letters_has_none()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await using var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync));

        Assert.Empty(await BrowseAsync(instance));
    }

    private static string Event(int number) => $$$"""{"specversion":"1.0","id":"{{{number}}}","source":"/tests","type":"counted","data":{"number":{{{number}}}}}""";

    private static string Text(ReadOnlyMemory<byte>? bytes) => Encoding.UTF8.GetString(bytes!.Value.Span);

    private static void AtOnce(FailurePolicy failure) => failure.WithoutRetryLater().ThenDeadLetter();

    private static IDeadLetters Letters(GroupInstance instance) => instance.Get<IDeadLetters>();

    private Task<GroupInstance> StartAsync(CounterTopic topic, params int[] poison) => StartAsync(topic, _ => { }, poison);

    private Task<GroupInstance> StartAsync(CounterTopic topic, Action<KafkaConsumerGroupOptions> configure, params int[] poison) => StartAsync(topic, poison, () => false, configure);

    private Task<GroupInstance> StartAsync(CounterTopic topic, int[] poison, Func<bool> isRepaired, Action<KafkaConsumerGroupOptions>? configure = null) => GroupInstance.StartAsync(
        topic.Servers, _group, group => group.From(topic.Name).OnFailure(AtOnce).Configure(configure ?? (_ => { })).Handle<Counted>((counted, context, token) =>
            poison.Contains(counted.Number) && !isRepaired() ? throw new InvalidOperationException($"no {counted.Number}") : _handled.HandleAsync(counted, context, token)));

    private async Task<List<DeadLetter>> UntilAsync(GroupInstance instance, int count)
    {
        List<DeadLetter> found;

        while ((found = await BrowseAsync(instance, new() { IncludesReplayed = true })).Count < count)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return found;
    }

    private async Task<List<DeadLetter>> BrowseAsync(GroupInstance instance, DeadLetterFilter? filter = null) =>
        await Letters(instance).BrowseAsync(_group, filter, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
}
