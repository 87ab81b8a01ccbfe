using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>A key whose event fails stands still; other keys of its partition go on.</summary>
public sealed class ParkedKeyTests(OneNodeKafka kafka)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();
    private volatile int _poison = 2;

    [Fact]
    public async Task By_default_a_key_that_fails_waits_is_tried_again_and_goes_on_in_its_order_while_others_pass()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        using var metrics = new MetricsProbe(_group);
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await topic.PublishAsync(0, "other", 4, 5);
        await using (var instance = await StartAsync(topic, failure => failure.RetryDelay = Soon))
        {
            await _handled.UntilCountAsync(3);
            await metrics.UntilAsync("messaging.patterns.consumer.parked_keys", 1);
            var health = await instance.UntilHealthAsync(HealthStatus.Degraded);
            Assert.Contains($"keys that stand still because an event of theirs fails: 1, the first at topic '{topic.Name}', partition 0, offset 1: System.InvalidOperationException", health.Description, StringComparison.Ordinal);
            var parked = Assert.Single(Group(instance).ListParked());
            Assert.Equal((topic.Name, 0, 1L, "poison", 2, "no 2"), (parked.Topic, parked.Partition, parked.Offset, Encoding.UTF8.GetString(parked.Key.Span), parked.Events, parked.ExceptionMessage));
            Assert.Equal([1], await topic.CommittedAsync(_group));

            _poison = 0;
            await _handled.UntilCountAsync(5);
            await instance.UntilHealthAsync(HealthStatus.Healthy);
        }

        Assert.Equal([1, 4, 5], _handled.Numbers.Take(3).Order());
        Assert.Equal([2, 3], _handled.Numbers.Skip(3));
        Assert.True(_handled.All.Single(one => one.Number == 2).Context.Attempt > 1);
        Assert.Equal([5], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task An_event_that_no_later_try_cures_is_set_aside_and_its_key_goes_on_without_it()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await using (var instance = await StartAsync(topic, failure => failure.RetryLater(2, Soon).ThenDeadLetter()))
        {
            await _handled.UntilCountAsync(2);
            Assert.Equal(3, Assert.Single(await BrowseAsync(instance)).Attempts);
        }

        Assert.Equal([1, 3], _handled.Numbers);
        Assert.Equal([3], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task When_the_time_is_over_the_partition_stops_and_what_was_taken_of_other_keys_is_handled()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await topic.PublishAsync(0, "other", 4, 5, 6);
        await using (var instance = await StartAsync(topic, failure => (failure.RetryDelay, failure.MaxUncommittedTime) = (Soon, TimeSpan.FromMilliseconds(100))))
        {
            var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);
            Assert.Matches("at offset 1: InvalidOperationException: no 2 \\(after \\d+ attempts since ", health.Description);
            await _handled.UntilCountAsync(4);
        }

        Assert.Equal([1, 4, 5, 6], _handled.Numbers.Order());
        Assert.Equal([1], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_span_that_is_full_sets_the_event_aside_that_holds_the_commit_back()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 2, 3);
        await topic.PublishAsync(0, "other", Enumerable.Range(10, 50));
        await using (var instance = await StartAsync(topic, failure => failure.RetryLater(delay: TimeSpan.FromHours(1), longestDelay: TimeSpan.FromHours(1)).ThenDeadLetter(), options => options.MaxUncommittedRecords = 20))
        {
            await _handled.UntilCountAsync(51);
            Assert.Equal(0, Assert.Single(await BrowseAsync(instance)).Offset);
        }

        Assert.Equal([52], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task More_parked_events_than_may_be_held_set_their_key_aside_and_the_buffer_stays_open_for_others()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", [2, .. Enumerable.Range(100, 60)]);
        await topic.PublishAsync(0, "other", Enumerable.Range(10, 50));
        await using var instance = await StartAsync(topic, failure => failure.RetryLater(delay: TimeSpan.FromHours(1), longestDelay: TimeSpan.FromHours(1)).ThenDeadLetter().MaxParkedRecords = 30);

        await _handled.UntilCountAsync(110);

        Assert.Equal(0, Assert.Single(await BrowseAsync(instance)).Offset);
    }

    [Fact]
    public async Task A_parked_key_whose_partition_moves_comes_again_at_the_next_owner_in_its_order()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await topic.PublishAsync(0, "other", 4, 5);
        await using (await StartAsync(topic, failure => failure.RetryDelay = Soon))
        {
            await _handled.UntilCountAsync(3);
        }

        Assert.Equal([1], await topic.CommittedAsync(_group));
        _poison = 0;
        await using (await StartAsync(topic))
        {
            await _handled.UntilAsync(all => all.Count(one => one.Number > 3) == 4 && all.Exists(one => one.Number == 3));
        }

        Assert.Equal([1, 2, 3], _handled.Numbers.Where(number => number <= 3));
        Assert.Equal([5], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task In_order_per_partition_a_failure_holds_up_everything_behind_it()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 1, 2);
        await topic.PublishAsync(0, "other", 3);
        await using var instance = await StartAsync(topic, failure => failure.RetryDelay = Soon, options => options.Ordering = ProcessingOrder.PerPartition);
        await instance.UntilLoggedAsync(1451, count: 3);
        Assert.Equal([1], _handled.Numbers);

        _poison = 0;
        await _handled.UntilCountAsync(3);

        Assert.Equal([1, 2, 3], _handled.Numbers);
    }

    private static ConsumerGroup Group(GroupInstance instance) => instance.Get<IServiceProvider>().GetRequiredKeyedService<ConsumerGroup>(instance.Name);

    private async Task<List<DeadLetter>> BrowseAsync(GroupInstance instance) =>
        await instance.Get<IDeadLetters>().BrowseAsync(_group, cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    private Task<GroupInstance> StartAsync(CounterTopic topic, Action<FailurePolicy>? failure = null, Action<KafkaConsumerGroupOptions>? configure = null) => GroupInstance.StartAsync(
        topic.Servers, _group, group => group.From(topic.Name).OnFailure(failure ?? (_ => { })).Configure(configure ?? (_ => { })).Configure(options => options.CommitInterval = Soon)
            .Handle<Counted>((counted, context, token) => counted.Number == _poison ? throw new InvalidOperationException($"no {counted.Number}") : _handled.HandleAsync(counted, context, token)));
}
