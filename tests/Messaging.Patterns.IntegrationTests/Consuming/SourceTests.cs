using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>What a group can read: several topics, topics by pattern, topics with holes.</summary>
public sealed class SourceTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task Several_topics_with_several_types_of_events_are_one_group()
    {
        using var first = await CounterTopic.CreateAsync(await kafka.GetAsync());
        using var second = await CounterTopic.CreateAsync(first.Servers, partitions: 2);
        await first.PublishAsync(0, 1);
        await second.WriteAsync(1, "counter-1", """{"specversion":"1.0","id":"x","source":"/x","type":"renamed","data":{"name":"2"}}""");
        await second.PublishAsync(1, 3);

        await using (await GroupInstance.StartAsync(first.Servers, _group, group => group
            .From(first.Name, second.Name)
            .Handle<Counted>(_handled.HandleAsync)
            .Handle<Renamed>((renamed, context, token) => _handled.HandleAsync(new Counted(int.Parse(renamed.Name, System.Globalization.CultureInfo.InvariantCulture)), context, token))))
        {
            await _handled.UntilCountAsync(3);
        }

        Assert.Equal([1, 2, 3], _handled.Numbers.Order());
        Assert.Equal([2, 3], _handled.All.Where(one => one.Context.Topic == second.Name).Select(one => one.Number));
        Assert.Equal([1], await first.CommittedAsync(_group));
        Assert.Equal([-1, 2], await second.CommittedAsync(_group));
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task A_topic_that_matches_and_comes_while_the_group_runs_is_joined_and_read_from_its_beginning(GroupProtocol protocol)
    {
        var prefix = KafkaTopics.UniqueName("orders");
        using var first = await CounterTopic.CreateAsync(await kafka.GetAsync(), prefix: $"{prefix}.a");
        using var other = await CounterTopic.CreateAsync(first.Servers, prefix: $"not-{prefix}");
        await first.PublishAsync(0, 1);
        await other.PublishAsync(0, 100);
        await using var instance = await GroupInstance.StartAsync(first.Servers, _group, group => Configure(group, prefix, protocol));
        await _handled.UntilCountAsync(1);

        using var second = await CounterTopic.CreateAsync(first.Servers, partitions: 2, prefix: $"{prefix}.b");
        await second.PublishAsync(1, 2, 3);
        await _handled.UntilAsync(all => all.Count >= 3);
        await first.PublishAsync(0, 4);
        await _handled.UntilAsync(all => all.Count >= 4);
        await instance.StopAsync();

        Assert.Equal([1, 2, 3, 4], _handled.Numbers);
        Assert.Equal([-1], await other.CommittedAsync(_group));
        Assert.Equal([-1, 2], await second.CommittedAsync(_group));
    }

    [Fact]
    public async Task Streams_in_a_topic_that_a_pattern_finds_are_read_as_streams()
    {
        var prefix = KafkaTopics.UniqueName("orders");
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), prefix: $"{prefix}.a");
        await topic.WriteBarrierAsync();
        await topic.WriteFrameAsync(1, @base: 1, 10, 11);
        await topic.WriteFrameAsync(1, @base: 1, 99);
        await topic.WriteFrameAsync(3, @base: 2, 12);

        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => Configure(group, prefix, GroupProtocol.Classic)))
        {
            await _handled.UntilCountAsync(3);
        }

        Assert.Equal([(10, 1L), (11, 2), (12, 3)], _handled.All.Select(one => (one.Number, one.Context.Version)));
        Assert.Equal([4], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task Holes_where_records_were_compacted_or_transactions_ended_hold_nothing_up()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1);
        await topic.WriteInTransactionAsync(0, "counter-0", """{"specversion":"1.0","id":"t","source":"/x","type":"counted","data":{"number":2}}""");
        await topic.PublishAsync(0, 3);

        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync)))
        {
            await _handled.UntilCountAsync(3);
        }

        // The end of the transaction has an offset and no record, as what was compacted has.
        Assert.Equal([(1, 0L), (2, 1), (3, 3)], _handled.All.Select(one => (one.Number, one.Context.Offset)));
        Assert.Equal([4], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task Of_transactions_that_were_aborted_nothing_is_handled_and_their_ends_leave_no_lag()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1);
        await topic.WriteInTransactionAsync(0, "counter-0", Counted(2), isAborted: true);
        await topic.WriteInTransactionAsync(0, "counter-0", Counted(3));
        await topic.WriteInTransactionAsync(0, "counter-0", Counted(4), isAborted: true);

        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync)))
        {
            await _handled.UntilCountAsync(2);
            var ends = await topic.EndsAsync();

            // Behind the last end, where nothing is to be handled.
            while (!(await topic.CommittedAsync(_group)).SequenceEqual(ends))
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal([1, 3], _handled.Numbers);

        static string Counted(int number) => """{"specversion":"1.0","id":"N","source":"/x","type":"counted","data":{"number":N}}""".Replace("N", $"{number}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_compacted_topic_what_the_cleaner_left_is_handled_and_its_holes_hold_nothing_up()
    {
        using var topic = await CounterTopic.CreateAsync(
            await kafka.GetAsync(), configs: [("cleanup.policy", "compact"), ("segment.ms", "50"), ("min.cleanable.dirty.ratio", "0.001"), ("max.compaction.lag.ms", "1"), ("delete.retention.ms", "60000000")]);
        await topic.PublishAsync(0, "a", 1, 2, 3);
        await topic.PublishAsync(0, "b", 4);
        await topic.WriteAsync(0, "b", value: (string?)null);

        // The newest segment is not cleaned: it takes another record until there is nothing left to clean before it.
        for (var last = 100; Left(topic).Count(offset => offset < 5) > 2; last++)
        {
            await topic.PublishAsync(0, "last", last);
        }

        var tombstones = 0;

        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync).Handle<Tombstone>((_, _, _) =>
        {
            Interlocked.Increment(ref tombstones);
            return ValueTask.CompletedTask;
        })))
        {
            await _handled.UntilAsync(all => all.Exists(one => one.Context.Offset == Left(topic)[^1]));
        }

        Assert.Equal([(3, 2L)], _handled.All.Where(one => one.Number < 100).Select(one => (one.Number, one.Context.Offset)));
        Assert.Equal(1, tombstones);
        Assert.Equal([Left(topic)[^1] + 1], await topic.CommittedAsync(_group));
    }

    private static List<long> Left(CounterTopic topic) =>
        [.. ForeignLog.Read(topic.Servers, topic.Name, TestContext.Current.CancellationToken).Select(record => record.Offset.Value)];

    private void Configure(KafkaConsumerGroupBuilder group, string prefix, GroupProtocol protocol) => group
        .FromPattern($"^{prefix}\\..*")
        .Handle<Counted>(_handled.HandleAsync)
        .ConfigureConsumer(consumer => (consumer.GroupProtocol, consumer.TopicMetadataRefreshIntervalMs) = (protocol, 200));
}
