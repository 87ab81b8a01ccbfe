using System.Collections.Concurrent;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Several events for one call of a handler.</summary>
public sealed class BatchTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly ConcurrentQueue<IReadOnlyList<int>> _batches = new();
    private readonly Handled _handled = new();

    [Fact]
    public async Task A_batch_is_full_or_its_time_is_over()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, Enumerable.Range(0, 25));
        await using (await StartAsync(topic, options => (options.BatchSize, options.BatchTimeout) = (10, TimeSpan.FromMilliseconds(300))))
        {
            await _handled.UntilCountAsync(25);
        }

        Assert.Equal([Enumerable.Range(0, 10), Enumerable.Range(10, 10), Enumerable.Range(20, 5)], _batches);
        Assert.Equal([25], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task Batches_of_different_keys_are_handled_at_once_and_each_key_keeps_its_order()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());

        foreach (var number in Enumerable.Range(0, 400))
        {
            await topic.PublishAsync(0, $"key-{number % 7}", number);
        }

        await using (await StartAsync(topic, options => (options.BatchSize, options.BatchTimeout) = (20, TimeSpan.FromMilliseconds(10))))
        {
            await _handled.UntilCountAsync(400);
        }

        Assert.All(_batches, batch => Assert.Equal(batch.Order(), batch));
        Assert.All(_handled.All.GroupBy(one => one.Number % 7), key => Assert.Equal(key.Select(one => one.Number).Order(), key.Select(one => one.Number)));
        Assert.Equal([400], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task Of_a_batch_that_fails_events_are_handled_one_by_one_up_to_the_one_that_failed()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, Enumerable.Range(0, 5));
        await using (var failing = await StartAsync(topic, options => options.BatchSize = 5, failAt: 3))
        {
            var health = await failing.UntilHealthAsync(HealthStatus.Unhealthy);
            Assert.Contains("at offset 3: InvalidOperationException: no 3", health.Description, StringComparison.Ordinal);
        }

        Assert.Equal([3], await topic.CommittedAsync(_group));
        await using var again = await StartAsync(topic, options => options.BatchSize = 5);

        await _handled.UntilCountAsync(5);
        Assert.Equal([[0], [1], [2], [3, 4]], _batches);
    }

    [Fact]
    public async Task A_batch_that_is_tried_again_while_another_instance_takes_over_loses_nothing()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, Enumerable.Range(0, 5));
        await using (var failing = await StartAsync(
            topic, options => options.BatchSize = 5, failAt: 2, more: group => group.OnFailure(failure => failure.RetryLater(delay: TimeSpan.FromMilliseconds(20), longestDelay: TimeSpan.FromMilliseconds(20)))))
        {
            await failing.UntilLoggedAsync(1451, count: 3);
        }

        Assert.Equal([2], await topic.CommittedAsync(_group));
        await using (await StartAsync(topic, options => options.BatchSize = 5))
        {
            await _handled.UntilCountAsync(5);
        }

        Assert.Equal([[0], [1], [2, 3, 4]], _batches);
        Assert.Equal([5], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task Events_of_another_type_divide_a_batch_so_that_the_order_stays()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2);
        await topic.WriteAsync(0, "counter-0", """{"specversion":"1.0","id":"a","source":"/tests","type":"renamed","data":{"name":"n"}}""");
        await topic.PublishAsync(0, 3, 4);
        await using (await StartAsync(topic, options => options.BatchSize = 5, more: group => group.Handle<Renamed>((_, context, token) =>
        {
            _batches.Enqueue([]);
            return ValueTask.CompletedTask;
        })))
        {
            await _handled.UntilCountAsync(4);
        }

        Assert.Equal([[1, 2], [], [3, 4]], _batches);
        Assert.Equal([5], await topic.CommittedAsync(_group));
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic, Action<KafkaConsumerGroupOptions> configure, int failAt = -1, Action<KafkaConsumerGroupBuilder>? more = null) =>
        GroupInstance.StartAsync(topic.Servers, _group, group =>
        {
            group.From(topic.Name).OnFailure(failure => failure.WithoutRetryLater()).Configure(configure).HandleBatch<Counted>(async (events, token) =>
            {
                if (events.Any(one => one.Event.Number == failAt))
                {
                    throw new InvalidOperationException($"no {failAt}");
                }

                _batches.Enqueue([.. events.Select(one => one.Event.Number)]);

                foreach (var (counted, context) in events)
                {
                    await _handled.HandleAsync(counted, context, token);
                }
            });
            more?.Invoke(group);
        });
}
