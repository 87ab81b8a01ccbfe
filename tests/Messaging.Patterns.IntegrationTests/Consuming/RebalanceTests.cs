using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Members that come and go, by themselves or not.</summary>
public sealed class RebalanceTests(OneNodeKafka kafka)
{
    private const int Partitions = 4;

    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task Members_join_and_leave_in_the_middle_and_nothing_is_lost_or_out_of_order()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), Partitions);
        using var stopProducing = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var producing = ProduceAsync(topic, stopProducing.Token);
        var handled = Enumerable.Range(0, 3).Select(_ => new Handled()).ToList();

        await using var first = await StartAsync(topic, handled[0]);
        await handled[0].UntilAsync(all => PartitionsOf(all).Count == Partitions);
        await using (await StartAsync(topic, handled[1]))
        {
            await handled[1].UntilAsync(all => PartitionsOf(all).Count == Partitions / 2);
            await using var third = await StartAsync(topic, handled[2]);
            await handled[2].UntilAsync(all => all.Count > 50);
        }

        await stopProducing.CancelAsync();
        var produced = await producing;
        var last = await UntilAllAsync(handled, produced);

        Assert.All(last, partition => Assert.True(IsInOrder(partition), string.Join(' ', partition)));
    }

    [Fact]
    public async Task A_stop_waits_for_the_handler_that_runs_and_commits_what_it_did()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var gate = new Gate();
        await topic.PublishAsync(0, 1, 2, 3);
        await using var instance = await StartAsync(topic, _handled, gate, at: 2);
        await gate.Reached;

        var stopping = instance.StopAsync();
        await instance.UntilLoggedAsync(1437);
        Assert.False(stopping.IsCompleted);
        gate.Open();
        await stopping;

        Assert.Equal([1, 2], _handled.Numbers);
        Assert.Equal([2], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_stop_cancels_a_handler_that_takes_too_long_and_does_not_commit_its_event()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var gate = new Gate();
        await topic.PublishAsync(0, 1, 2, 3);
        await using var instance = await StartAsync(topic, _handled, gate, at: 2, group => group.Configure(options => options.DrainTimeout = TimeSpan.FromMilliseconds(1)));
        await gate.Reached;

        await instance.StopAsync();

        await instance.UntilLoggedAsync(1412);
        Assert.Equal([1], _handled.Numbers);
        Assert.Equal([1], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_handler_that_ends_after_its_partition_left_counts_for_nothing()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var (reached, opened) = (new TaskCompletionSource(), new TaskCompletionSource());
        await topic.PublishAsync(0, 1, 2);
        await using var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Configure(options => options.DrainTimeout = TimeSpan.FromMilliseconds(1))
            .Handle<Counted>(async (counted, context, token) =>
            {
                reached.TrySetResult();
                await opened.Task;
                await _handled.HandleAsync(counted, context, token);
            }));
        await reached.Task.WaitAsync(TestContext.Current.CancellationToken);
        await instance.StopAsync();
        await instance.UntilLoggedAsync(1413);

        opened.SetResult();

        await instance.UntilLoggedAsync(1414);
        Assert.Equal([1], _handled.Numbers);
        Assert.Equal([-1], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_member_that_lost_its_partitions_commits_nothing_and_its_events_come_again()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3);
        await using var first = await StartAsync(topic, _handled, configure: Static);
        await _handled.UntilCountAsync(3);

        // Takes the place of the first, which is thrown out.
        var again = new Handled();
        await using var second = await StartAsync(topic, again, configure: Static);

        await again.UntilCountAsync(3);
        await first.UntilLoggedAsync(1406);
        Assert.Equal([1, 2, 3], again.Numbers);
        Assert.Equal([-1], await topic.CommittedAsync(_group));
        await first.UntilHealthAsync(HealthStatus.Degraded, health => health.Description!.Contains("has another member with the instance id", StringComparison.Ordinal));
        await second.StopAsync();
        Assert.Equal([3], await topic.CommittedAsync(_group));

        static void Static(KafkaConsumerGroupBuilder group) =>
            group.ConfigureConsumer(config => config.GroupInstanceId = "the-one").Configure(options => options.CommitInterval = TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_broker_that_is_killed_and_comes_back_interrupts_the_group_only()
    {
        await kafka.GetClusterAsync();
        await using var cluster = await KafkaCluster.StartAsync(1);
        using var topic = await CounterTopic.CreateAsync(cluster.BootstrapServers, partitions: 2);
        await using (var instance = await StartAsync(topic, _handled))
        {
            await topic.PublishAsync(0, 1, 2);
            await topic.PublishAsync(1, 3);
            await _handled.UntilCountAsync(3);
            await instance.UntilHealthAsync(HealthStatus.Healthy);
            await cluster.KillNodeAsync(1);
            await instance.UntilHealthAsync(HealthStatus.Degraded);
            await cluster.StartNodeAsync(1);
            await instance.UntilHealthAsync(HealthStatus.Healthy);
            await topic.PublishAsync(0, 4);
            await topic.PublishAsync(1, 5);
            await _handled.UntilCountAsync(5);
        }

        Assert.Equal([1, 2, 4], _handled.All.Where(one => one.Context.Partition == 0).Select(one => one.Number).Distinct());
        Assert.Equal([3, 2], await topic.CommittedAsync(_group));
    }

    private static HashSet<int> PartitionsOf(IEnumerable<(int Number, Messaging.Patterns.Consuming.EventContext Context, long Call)> all) => [.. all.Select(one => one.Context.Partition)];

    // First occurrences are in order; an event may come again.
    private static bool IsInOrder(IReadOnlyList<int> numbers) => numbers.Distinct().SequenceEqual(numbers.Distinct().Order());

    private static async Task<int[]> ProduceAsync(CounterTopic topic, CancellationToken cancellationToken)
    {
        var counts = new int[Partitions];

        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (var partition in Enumerable.Range(0, Partitions))
            {
                await topic.PublishAsync(partition, Enumerable.Range(counts[partition], 5));
                counts[partition] += 5;
            }
        }

        return counts;
    }

    /// <summary>Waits until every number of every partition is handled by some member, and returns what was handled, by partition, in the order of the clock.</summary>
    private static async Task<List<List<int>>> UntilAllAsync(List<Handled> handled, int[] produced)
    {
        while (true)
        {
            var all = handled.SelectMany(one => one.All).ToList();

            if (all.Select(one => (one.Context.Partition, one.Number)).Distinct().Count() == produced.Sum())
            {
                return [.. Enumerable.Range(0, Partitions).Select(partition => Handled.InOrderOfCalls(handled).Where(one => one.Context.Partition == partition).Select(one => one.Number).ToList())];
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic, Handled handled, Gate? gate = null, int at = -1, Action<KafkaConsumerGroupBuilder>? configure = null) =>
        GroupInstance.StartAsync(topic.Servers, _group, group =>
        {
            group.From(topic.Name).Handle<Counted>(async (counted, context, token) =>
            {
                if (counted.Number == at)
                {
                    await gate!.PassAsync(token);
                }

                await handled.HandleAsync(counted, context, token);
            });
            configure?.Invoke(group);
        });
}
