using Messaging.Patterns.Consuming;
using Messaging.Patterns.Serialization;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>What cannot be handled stops its partition, visibly, and nothing is skipped.</summary>
public sealed class FailureTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task A_failing_handler_stops_its_partition_alone_and_the_commit_stays_before_the_event()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        await topic.PublishAsync(0, 1, 2, 3, 4);
        await using (var instance = await StartAsync(topic, failAt: 3))
        {
            var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);

            Assert.Equal($"Consumer group '{_group}' has stopped topic '{topic.Name}', partition 0, at offset 2: InvalidOperationException: no 3.", health.Description);
            Assert.Equal("no 3", Assert.IsType<InvalidOperationException>(health.Exception).Message);
            Assert.Equal("no 3", (await instance.UntilLoggedAsync(1410)).Exception!.Message);
            await topic.PublishAsync(1, 11, 12, 13);
            await _handled.UntilCountAsync(5);
        }

        Assert.Equal([1, 2], _handled.Numbers.Where(number => number < 10));
        Assert.Equal([2, 3], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task Started_again_with_a_handler_that_works_the_group_goes_on_at_the_event_that_failed()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3, 4);
        await using (var instance = await StartAsync(topic, failAt: 3))
        {
            await instance.UntilHealthAsync(HealthStatus.Unhealthy);
        }

        await using var again = await StartAsync(topic);

        await _handled.UntilCountAsync(4);
        Assert.Equal([1, 2, 3, 4], _handled.Numbers);
        Assert.Equal(HealthStatus.Healthy, (await again.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task A_stopped_partition_stays_stopped_when_more_comes_and_its_lag_grows()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        using var metrics = new MetricsProbe(_group);
        await topic.PublishAsync(0, 1, 2, 3);
        await using var instance = await StartAsync(topic, failAt: 2);
        await instance.UntilHealthAsync(HealthStatus.Unhealthy);

        await topic.PublishAsync(0, Enumerable.Range(4, 50));

        await metrics.UntilAsync("messaging.patterns.consumer.lag", 52);
        await metrics.UntilAsync("messaging.patterns.consumer.stopped_partitions", 1);
        Assert.Equal([1], _handled.Numbers);
    }

    [Fact]
    public async Task Cancellation_that_the_group_did_not_ask_for_is_a_failure()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1);
        await using var instance = await GroupInstance.StartAsync(
            topic.Servers, _group, group => group.From(topic.Name).OnFailure(failure => failure.WithoutRetryLater()).Handle<Counted>((_, _, _) => throw new OperationCanceledException("a timeout of the handler's own")));

        Assert.Contains("a timeout of the handler's own", (await instance.UntilHealthAsync(HealthStatus.Unhealthy)).Description, StringComparison.Ordinal);
        await instance.StopAsync();
        Assert.Equal([-1], await topic.CommittedAsync(_group));
    }

    [Theory]
    [InlineData("no CloudEvent at all", "no CloudEvent")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/tests","type":"counted","data":{"number":"many"}}""", nameof(EventSerializationException))]
    public async Task Bytes_that_cannot_be_read_stop_the_partition_with_their_place(string value, string reason)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1);
        await topic.WriteAsync(0, "counter-0", value);
        await topic.PublishAsync(0, 2);
        await using var instance = await StartAsync(topic);

        var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);

        Assert.Contains($"topic '{topic.Name}', partition 0, at offset 1", health.Description, StringComparison.Ordinal);
        Assert.Contains(reason, health.Description, StringComparison.Ordinal);
        Assert.Equal([1], _handled.Numbers);
    }

    [Fact]
    public async Task Events_that_no_handler_takes_are_passed_over_counted_and_logged_once()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        using var metrics = new MetricsProbe(_group);
        await topic.WriteAsync(0, "counter-0", """{"specversion":"1.0","id":"a","source":"/tests","type":"renamed","data":{"name":"n"}}""");
        await topic.WriteAsync(0, "counter-0", """{"specversion":"1.0","id":"b","source":"/tests","type":"renamed","data":{"name":"n"}}""");
        await topic.WriteAsync(0, "counter-0", """{"specversion":"1.0","id":"c","source":"/tests","type":"never-heard-of"}""");
        await topic.WriteAsync(0, "counter-0", value: (string?)null);
        await topic.PublishAsync(0, 1);
        await using (var instance = await StartAsync(topic))
        {
            await _handled.UntilCountAsync(1);

            Assert.Equal(
                ["renamed", "never-heard-of", Tombstone.TypeName],
                instance.Log.Entries.Where(entry => entry.Id == 1420).Select(entry => entry.Text.Split("of type ")[1].Split(';')[0]));
            Assert.Equal(4, metrics.Sum("messaging.patterns.unhandled_events"));
            await metrics.UntilAsync("messaging.client.consumed.messages", 1);
            Assert.Equal(1, metrics.Count("messaging.process.duration"));
        }

        Assert.Equal([5], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task Events_that_no_handler_takes_stop_the_partition_where_that_is_asked_for()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteAsync(0, "key", """{"specversion":"1.0","id":"c","source":"/tests","type":"never-heard-of"}""");
        await using var instance = await GroupInstance.StartAsync(
            topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync).OnUnhandled(UnhandledEventPolicy.Stop));

        Assert.Contains("no handler takes events of type 'never-heard-of'", (await instance.UntilHealthAsync(HealthStatus.Unhealthy)).Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(0)]
    public async Task A_commit_that_the_log_does_not_hold_stops_the_partition_with_the_reason(long commit)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3);
        await topic.DeleteBeforeAsync(2);
        await topic.CommitAsync(_group, commit);
        await using var instance = await StartAsync(topic);

        var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);

        Assert.Contains($"topic '{topic.Name}', partition 0: the log does not hold offset {commit}", health.Description, StringComparison.Ordinal);
        Assert.Empty(_handled.Numbers);
        await instance.StopAsync();
        Assert.Equal([commit], await topic.CommittedAsync(_group));
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic, int failAt = -1) => GroupInstance.StartAsync(
        topic.Servers, _group, group => group.From(topic.Name).OnFailure(failure => failure.WithoutRetryLater()).Handle<Counted>((counted, context, token) =>
            counted.Number == failAt ? throw new InvalidOperationException($"no {failAt}") : _handled.HandleAsync(counted, context, token)));
}
