using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>A key that fails for long is redirected to a retry topic in its order; other keys of its partition, and the commit, go on.</summary>
public sealed class RedirectTests(OneNodeKafka kafka)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();
    private volatile int _poison = 2;

    [Fact]
    public async Task A_key_that_fails_goes_to_the_retry_topic_in_its_order_while_other_keys_and_the_commit_go_on()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        using var metrics = new MetricsProbe(_group);
        await topic.WriteAsync(0, "poison", Event(1));
        await topic.WriteAsync(0, "poison", Event(2), ("tenant", "blue"));
        await topic.PublishAsync(0, "poison", 3);
        await topic.PublishAsync(0, "other", 4, 5);
        await using (var instance = await StartAsync(topic))
        {
            await _handled.UntilCountAsync(3);
            await metrics.UntilAsync("messaging.patterns.consumer.redirected_keys", 1);
            await UntilCommittedAsync(topic, 5);
            await instance.UntilHealthAsync(HealthStatus.Degraded, entry => entry.Description!.Contains("redirected: 1, the first at topic", StringComparison.Ordinal));
            var redirected = await UntilListedAsync(instance, one => one.ExceptionType.Length > 0);
            Assert.Equal((topic.Name, 0, 1L, "poison", 2, "no 2", true), (redirected.Topic, redirected.Partition, redirected.Offset, Encoding.UTF8.GetString(redirected.Key.Span), redirected.Events, redirected.ExceptionMessage, redirected.IsRedirected));
            await topic.PublishAsync(0, "poison", 6);
            await UntilCommittedAsync(topic, 6);

            _poison = 0;
            await _handled.UntilCountAsync(6);
            await instance.UntilHealthAsync(HealthStatus.Healthy);
            await topic.PublishAsync(0, "poison", 7);
            await _handled.UntilCountAsync(7);
            Assert.Equal(3, metrics.Sum("messaging.patterns.consumer.redirected_events"));
        }

        Assert.Equal([1, 2, 3, 6, 7], _handled.Numbers.Where(number => number is not (4 or 5)));
        var second = _handled.All.Single(one => one.Number == 2).Context;
        Assert.Equal((topic.Name, 0, 1L, "poison", "tenant"), (second.Topic, second.Partition, second.Offset, Encoding.UTF8.GetString(second.Key.Span), Assert.Single(second.Headers).Key));
        Assert.Equal([7], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_redirected_key_goes_on_where_it_was_when_its_partition_moves()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await topic.PublishAsync(1, "poison", 2, 3);
        await using var first = await StartAsync(topic);
        await UntilCommittedAsync(topic, 3, 2);

        await using (var second = await StartAsync(topic))
        {
            await second.UntilLoggedAsync(1430);
            await UntilRebuiltAsync(first, second, keys: 2);
            await topic.PublishAsync(0, "poison", 4);
            await topic.PublishAsync(1, "poison", 4);
            await UntilCommittedAsync(topic, 4, 3);
        }

        await UntilRebuiltAsync(first, second: null, keys: 2);
        _poison = 0;
        await _handled.UntilCountAsync(7);
        await first.UntilHealthAsync(HealthStatus.Healthy);

        Assert.Equal([1, 2, 3, 4], _handled.All.Where(one => one.Context.Partition == 0).Select(one => one.Number));
        Assert.Equal([2, 3, 4], _handled.All.Where(one => one.Context.Partition == 1).Select(one => one.Number));
    }

    [Fact]
    public async Task After_a_crash_between_the_retry_topic_and_the_commit_the_key_comes_again_in_its_order_and_what_was_stored_is_superseded()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await topic.PublishAsync(0, "other", 4);
        await using var first = await StartAsync(topic, configure: NeverCommits);
        await UntilListedAsync(first, one => one.Events == 2);
        await _handled.UntilCountAsync(2);

        // Takes the place of the first, which is thrown out and commits nothing.
        var again = new Handled();
        _poison = 0;
        await using (await StartAsync(topic, again, configure: NeverCommits))
        {
            await again.UntilCountAsync(4);
        }

        Assert.Equal([1, 2, 3], again.Numbers.Where(number => number != 4));
        Assert.Equal([4], await topic.CommittedAsync(_group));

        static void NeverCommits(KafkaConsumerGroupOptions options) => (options.GroupInstanceId, options.CommitInterval) = ("the-one", TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_rewind_behind_it_supersedes_what_waits_and_one_before_it_leaves_it()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var control = KafkaTopics.UniqueName("control");
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await topic.PublishAsync(0, "other", 4, 5);
        await using var instance = await StartAsync(topic, more: patterns => patterns.AddConsumerGroupControl(options => options.Topic = control));
        await UntilCommittedAsync(topic, 5);

        // Both wait: the rewind leaves them where they are.
        await RewindAsync(instance, 4);
        await _handled.UntilAsync(all => all.Exists(one => one.Number == 5 && one.Context.IsReplay));
        var waiting = await UntilListedAsync(instance, one => one.ExceptionType.Length > 0);
        Assert.Equal((1L, 2), (waiting.Offset, waiting.Events));

        // They hold nothing back, and yet are not handled.
        await WaitAsync(instance, topic, 1);
        Assert.Equal(1L, (await Assert.ThrowsAsync<PositionNotHandledException>(() => WaitAsync(instance, topic, 5))).Parked!.Offset);

        // From there on everything comes again, also what waits, in its order and once.
        _poison = 0;
        await RewindAsync(instance, 0);
        await _handled.UntilAsync(all => all.Count(one => one.Context.Epoch == all.Max(last => last.Context.Epoch)) >= 5 && all.Exists(one => one.Number == 3 && one.Context.IsReplay));
        await instance.UntilHealthAsync(HealthStatus.Healthy);
        await UntilCommittedAsync(topic, 5);

        var newest = _handled.All.Max(one => one.Context.Epoch);
        Assert.Equal([1, 2, 3], _handled.All.Where(one => one.Context.Epoch == newest && one.Number <= 3).Select(one => one.Number));
    }

    [Fact]
    public async Task What_no_later_try_cures_ends_as_a_dead_letter_and_its_key_goes_on()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await using var instance = await StartAsync(topic, redirected: policy => (policy.ThenDeadLetter().Retries, policy.RetryDelay) = (2, Soon));
        await _handled.UntilCountAsync(2);
        await instance.UntilHealthAsync(HealthStatus.Healthy);

        var letter = Assert.Single(await instance.Get<IDeadLetters>().BrowseAsync(_group, cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));

        Assert.Equal((topic.Name, 0, 1L, "no 2"), (letter.Topic, letter.Partition, letter.Offset, letter.ExceptionMessage));
        Assert.Equal([1, 3], _handled.Numbers);
    }

    [Fact]
    public async Task By_default_an_event_that_no_later_try_cures_stops_its_partition_and_comes_again()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await using (var instance = await StartAsync(topic, redirected: policy => (policy.Retries, policy.RetryDelay) = (1, Soon)))
        {
            var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);
            Assert.Contains("partition 0, at offset 1: InvalidOperationException: no 2", health.Description, StringComparison.Ordinal);
        }

        _poison = 0;
        await using (await StartAsync(topic))
        {
            await _handled.UntilCountAsync(3);
        }

        Assert.Equal([1, 2, 3], _handled.Numbers);
    }

    [Fact]
    public async Task A_key_that_cannot_be_redirected_stops_its_partition_before_its_event()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var tooSmall = await KafkaTopics.CreateAsync(topic.Servers, "small", 1, new() { ["max.message.bytes"] = "300" });
        await topic.PublishAsync(0, "poison", 1, 2, 3);
        await using (var instance = await StartAsync(topic, configure: options => (options.RetryTopic, options.Provisioning) = (tooSmall, ProvisioningMode.None)))
        {
            var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);
            Assert.Contains($"partition 0, at offset 1: InvalidOperationException: no 2; could not be redirected: topic '{tooSmall}'", health.Description, StringComparison.Ordinal);
        }

        Assert.Equal([1], _handled.Numbers);
        Assert.Equal([1], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_retry_topic_with_another_number_of_partitions_is_refused_by_name()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        var other = await KafkaTopics.CreateAsync(topic.Servers, "retry", 3);
        await using var instance = await StartAsync(topic, configure: options => (options.RetryTopic, options.Provisioning) = (other, ProvisioningMode.None));

        var exception = await Assert.ThrowsAsync<TopicContractException>(() => instance.Running);

        Assert.Contains($"'{other}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"it has 3 partitions, expected 2 as topic '{topic.Name}'", Assert.Single(exception.Differences), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_append_of_several_events_those_that_were_handled_are_not_handled_again()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteFrameAsync(firstVersion: 1, @base: 0, 1, 2, 3);
        await topic.WriteFrameAsync(firstVersion: 4, @base: 1, 4);
        await using var instance = await StartAsync(topic);
        await UntilCommittedAsync(topic, 2);

        _poison = 0;
        await _handled.UntilCountAsync(4);

        Assert.Equal([(1, 1L), (2, 2L), (3, 3L), (4, 4L)], _handled.All.Select(one => (one.Number, one.Context.Version)));
    }

    private static string Event(int number) => $$$"""{"specversion":"1.0","id":"{{{number}}}","source":"/tests","type":"counted","data":{"number":{{{number}}}}}""";

    private static IReadOnlyList<ParkedKey> ListRedirected(GroupInstance instance) =>
        [.. instance.Get<IServiceProvider>().GetRequiredKeyedService<ConsumerGroup>(instance.Name).ListParked().Where(one => one.IsRedirected)];

    private static async Task<ParkedKey> UntilListedAsync(GroupInstance instance, Func<ParkedKey, bool> condition)
    {
        while (true)
        {
            if (ListRedirected(instance).FirstOrDefault(condition) is { } found)
            {
                return found;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static async Task UntilRebuiltAsync(GroupInstance first, GroupInstance? second, int keys)
    {
        while (ListRedirected(first).Count + (second is null ? 0 : ListRedirected(second).Count) != keys || (second is not null && ListRedirected(second).Count == 0))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private async Task UntilCommittedAsync(CounterTopic topic, params long[] offsets)
    {
        while (!(await topic.CommittedAsync(_group)).SequenceEqual(offsets))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Task WaitAsync(GroupInstance instance, CounterTopic topic, long next) =>
        instance.Get<IConsumerGroupControl>().WaitForAsync(_group, Position.At($"{topic.Name}:0", next), TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken).AsTask();

    private async Task RewindAsync(GroupInstance instance, long offset)
    {
        var control = instance.Get<IConsumerGroupControl>();
        await control.RewindAsync(await control.PlanRewindAsync(new GroupScope(_group), RewindTarget.Offset(offset), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
    }

    private Task<GroupInstance> StartAsync(
        CounterTopic topic,
        Handled? handled = null,
        Action<RedirectPolicy>? redirected = null,
        Action<KafkaConsumerGroupOptions>? configure = null,
        Action<IMessagingPatternsBuilder>? more = null) => GroupInstance.StartAsync(
        topic.Servers,
        _group,
        group => group.From(topic.Name)
            .OnFailure(failure => failure.WithoutRetryLater().ThenRedirect(redirected ?? (policy => policy.RetryDelay = Soon)))
            .Configure(options => options.CommitInterval = Soon)
            .Configure(configure ?? (_ => { }))
            .Handle<Counted>((counted, context, token) => counted.Number == _poison ? throw new InvalidOperationException($"no {counted.Number}") : (handled ?? _handled).HandleAsync(counted, context, token)),
        more);
}
