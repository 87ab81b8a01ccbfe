using System.Diagnostics;
using System.Globalization;
using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Looking at groups from their own processes and from others, on a real broker.</summary>
public sealed class GroupControlTests(OneNodeKafka kafka) : ControlledGroupTests
{
    [Fact]
    public async Task A_group_is_described_from_a_process_that_is_no_member_and_kafkas_own_tool_agrees()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        Hangs = 3;
        await topic.PublishAsync(0, Enumerable.Range(0, 3));
        await topic.PublishAsync(1, Enumerable.Range(10, 5));
        await using var instance = await StartAsync(topic);
        await Handled.UntilCountAsync(8);
        await topic.PublishAsync(0, Enumerable.Range(3, 4));
        var (published, started) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
        await Gate.Reached;
        await using var other = await OtherAsync(topic);
        var control = other.Get<IConsumerGroupControl>();

        var status = await UntilAsync(control, status => status.Members.Count == 1 && status.Partitions.Sum(partition => partition.Committed) == 8);

        Assert.Contains(Group, await control.ListAsync(TestContext.Current.CancellationToken));
        Assert.Equal([(0, 3L, 7L, 4L), (1, 5L, 5L, 0L)], status.Partitions.Select(partition => (partition.Partition, partition.Committed!.Value, partition.End, partition.Lag)));
        Assert.Equal(TimeSpan.Zero, status.Partitions[1].LagTime);
        Assert.InRange(status.LagTime, TimeSpan.Zero, DateTimeOffset.UtcNow - published + Stopwatch.GetElapsedTime(started) + TimeSpan.FromMinutes(1));
        Assert.True(status.LagTime > TimeSpan.Zero);
        Assert.Equal(2, status.Members[0].Partitions.Count);
        Assert.Equal(
            status.Partitions.Select(partition => (partition.Partition, partition.Committed!.Value, partition.End, partition.Lag)),
            await DescribeByToolAsync(topic.Servers));
        Gate.Open();
    }

    [Fact]
    public async Task Parked_keys_pauses_stops_and_rewinds_are_seen_from_elsewhere()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "poison", 1, 2);
        await topic.PublishAsync(0, "other", 3);
        Poison = 2;
        await using var other = await OtherAsync(topic);
        var control = other.Get<IConsumerGroupControl>();
        await using (await StartAsync(topic, failure => (failure.RetryDelay, failure.MaxUncommittedTime) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1))))
        {
            var parked = Assert.Single((await UntilAsync(control, status => status.Parked.Count == 1)).Parked);
            Assert.Equal((1L, "poison", 1, "System.InvalidOperationException", "no 2"), (parked.Offset, Encoding.UTF8.GetString(parked.Key.Span), parked.Attempts, parked.ExceptionType, parked.ExceptionMessage));

            await control.PauseAsync(new GroupScope(Group), TestContext.Current.CancellationToken);
            await UntilAsync(control, status => status.Partitions[0] is { IsPaused: true, ParkedKeys: 0 });
            Poison = -1;
            await control.ResumeAsync(new GroupScope(Group), TestContext.Current.CancellationToken);
            await UntilAsync(control, status => status.Lag == 0 && !status.Partitions[0].IsPaused);
            await control.RewindAsync(await control.PlanRewindAsync(new GroupScope(Group), RewindTarget.Beginning, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            var rewound = await UntilAsync(control, status => status.Partitions[0].Rewind is { Progress: 1 });
            Assert.Equal((0L, 3L, RewindState.Done), (rewound.Partitions[0].Rewind!.Target, rewound.Partitions[0].Rewind!.Until, rewound.Partitions[0].Rewind!.State));
            Assert.Equal(1, Assert.Single(await control.ListRewindsAsync(Group, TestContext.Current.CancellationToken)).Progress);
        }

        // It gave its partition up when it stopped.
        await UntilAsync(control, status => status.Members.Count == 0);
        Poison = 4;
        await topic.PublishAsync(0, 4);
        await using var stopping = await StartAsync(topic, failure => failure.WithoutRetryLater());
        var stopped = await UntilAsync(control, status => status.Partitions[0].Stopped is not null);
        Assert.Contains("no 4", stopped.Partitions[0].Stopped, StringComparison.Ordinal);
        Assert.Equal(3, stopped.Partitions[0].StoppedAt);
    }

    [Fact]
    public async Task Members_by_the_brokers_own_protocol_are_seen_too_and_each_has_its_part()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        await using var first = await StartAsync(topic, byBrokers: true);
        await using var second = await StartAsync(topic, byBrokers: true);

        var status = await UntilAsync(first.Get<IConsumerGroupControl>(), status => status.Members.Count == 2);

        Assert.All(status.Members, member => Assert.Single(member.Partitions));
    }

    [Fact]
    public async Task A_group_that_nobody_knows_is_named_and_so_is_a_topic_that_is_not_there()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await using var other = await OtherAsync(topic);
        var control = other.Get<IConsumerGroupControl>();

        var unknown = await Assert.ThrowsAsync<MessagingException>(() => control.DescribeAsync(new GroupScope(Group), TestContext.Current.CancellationToken).AsTask());
        var missing = await Assert.ThrowsAsync<MessagingException>(() => control.DescribeAsync(new GroupScope(Group) { Topics = ["nowhere"] }, TestContext.Current.CancellationToken).AsTask());

        Assert.Contains($"The topics of consumer group '{Group}' are not known here", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("'nowhere' does not exist", missing.Message, StringComparison.Ordinal);
        var named = await control.DescribeAsync(new GroupScope(Group) { Topics = [topic.Name] }, TestContext.Current.CancellationToken);
        Assert.Equal((null, 0L), (Assert.Single(named.Partitions).Committed, named.Lag));
    }

    [Fact]
    public async Task A_handler_that_hangs_makes_the_group_unhealthy_and_old_events_degraded_but_not_while_it_is_paused()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        using var metrics = new MetricsProbe(Group);
        Hangs = 1;
        await topic.PublishAsync(0, 0, 1, 2);
        await using var stuck = await StartAsync(topic, configure: options => options.StuckAfter = TimeSpan.FromMilliseconds(300));
        await Gate.Reached;
        var health = await stuck.UntilHealthAsync(HealthStatus.Unhealthy);
        Assert.Contains($"gets on with nothing in topic '{topic.Name}', partition 0", health.Description, StringComparison.Ordinal);
        Assert.True(metrics.Read("messaging.patterns.consumer.lag_time") > 0);

        Gate.Open();
        await stuck.UntilHealthAsync(HealthStatus.Healthy);

        // Looked at between two events, it gets on and is not at the end yet.
        await metrics.UntilAsync("messaging.patterns.consumer.lag_time", 0);

        await stuck.Get<IConsumerGroupControl>().PauseAsync(new GroupScope(Group), TestContext.Current.CancellationToken);
        await stuck.UntilLoggedAsync(1472);
        await topic.PublishAsync(0, 3);
        var member = stuck.Get<IServiceProvider>().GetRequiredKeyedService<ConsumerGroup>(Group).Member!;
        while (member.Partitions.Single().Unmoved < TimeSpan.FromMilliseconds(300))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(HealthStatus.Healthy, (await stuck.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task Events_that_are_older_than_they_may_be_make_the_group_degraded()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        Hangs = 1;
        await topic.PublishAsync(0, 0, 1);
        await using var instance = await StartAsync(topic, configure: options => options.LaggingAfter = TimeSpan.FromMilliseconds(300));

        var health = await instance.UntilHealthAsync(HealthStatus.Degraded, entry => entry.Description!.Contains("lags", StringComparison.Ordinal));
        Gate.Open();
        await instance.UntilHealthAsync(HealthStatus.Healthy);

        Assert.Contains("the first event that is not handled is", health.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_is_measured_and_its_traces_are_marked()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        using var metrics = new MetricsProbe(Group);
        var marked = new List<object?>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Messaging.Patterns.Kafka",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.OperationName == $"process {topic.Name}")
                {
                    lock (marked)
                    {
                        marked.Add(activity.GetTagItem("messaging.patterns.replay"));
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await topic.PublishAsync(0, 0, 1, 2, 3);
        await using var instance = await StartAsync(topic);
        await Handled.UntilCountAsync(4);
        var control = instance.Get<IConsumerGroupControl>();
        await UntilAsync(control, status => status.Lag == 0);
        Hangs = 2;

        await control.RewindAsync(await control.PlanRewindAsync(new GroupScope(Group), RewindTarget.Offset(1), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        await Gate.Reached;
        await metrics.UntilAsync("messaging.patterns.consumer.replay", 2);
        Gate.Open();
        await Handled.UntilAsync(all => all.Count == 7);
        await UntilAsync(control, status => status.Partitions[0].Rewind is { Progress: 1 });

        Assert.Equal(0, metrics.Read("messaging.patterns.consumer.replay"));
        lock (marked)
        {
            Assert.Equal([null, null, null, null, true, true, true], marked);
        }
    }

    private async Task<IEnumerable<(int Partition, long Committed, long End, long Lag)>> DescribeByToolAsync(string servers)
    {
        var result = await KafkaTools.RunAsync(servers, "kafka-consumer-groups.sh", ["--describe", "--group", Group]);
        return
        [
            .. result.Output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(columns => columns.FirstOrDefault() == Group)
                .Select(columns => (int.Parse(columns[2], CultureInfo.InvariantCulture), long.Parse(columns[3], CultureInfo.InvariantCulture), long.Parse(columns[4], CultureInfo.InvariantCulture), long.Parse(columns[5], CultureInfo.InvariantCulture)))
                .OrderBy(one => one.Item1),
        ];
    }

    private async Task<ConsumerGroupStatus> UntilAsync(IConsumerGroupControl control, Func<ConsumerGroupStatus, bool> condition)
    {
        while (true)
        {
            try
            {
                if (await control.DescribeAsync(new GroupScope(Group), TestContext.Current.CancellationToken) is var status && condition(status))
                {
                    return status;
                }
            }
            catch (MessagingException exception) when (exception.Message.Contains("none of its instances has said anything", StringComparison.Ordinal))
            {
                // Not yet.
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic, Action<FailurePolicy>? failure = null, Action<KafkaConsumerGroupOptions>? configure = null, bool byBrokers = false) => GroupInstance.StartAsync(
        topic.Servers,
        Group,
        group => group.From(topic.Name)
            .OnFailure(failure ?? (_ => { }))
            .Configure(options => options.CommitInterval = TimeSpan.FromMilliseconds(100))
            .Configure(configure ?? (_ => { }))
            .ConfigureConsumer(consumer => consumer.GroupProtocol = byBrokers ? Confluent.Kafka.GroupProtocol.Consumer : consumer.GroupProtocol)
            .Handle<Counted>(HandleAsync),
        builder => builder.AddConsumerGroupControl(options => options.Topic = ControlTopic));
}
