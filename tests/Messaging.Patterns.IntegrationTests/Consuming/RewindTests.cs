using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Orders to groups that run, on a real broker.</summary>
public sealed class RewindTests(OneNodeKafka kafka)
{
    private const int Partitions = 4;
    private const int PerPartition = 50;

    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly string _control = KafkaTopics.UniqueName("control");
    private readonly Handled _handled = new();

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task A_group_of_two_instances_is_rewound_while_it_runs_each_partition_once(GroupProtocol protocol)
    {
        using var topic = await FilledAsync();
        await using var first = await StartAsync(topic, _handled, protocol);
        await using var second = await StartAsync(topic, _handled, protocol);
        await _handled.UntilCountAsync(Partitions * PerPartition);
        await UntilCommittedAsync(topic);
        var control = first.Get<IConsumerGroupControl>();

        var plan = await control.PlanRewindAsync(new GroupScope(_group), RewindTarget.Offset(20), TestContext.Current.CancellationToken);
        var operation = await control.RewindAsync(plan, TestContext.Current.CancellationToken);
        await _handled.UntilAsync(all => all.Count(one => one.Context.Epoch > 0) >= Partitions * (PerPartition - 20));
        var status = await UntilDoneAsync(control, operation);

        Assert.Equal(Partitions * (PerPartition - 20), plan.Repeated);
        Assert.Equal(Partitions, status.Partitions.Count);
        var replayed = _handled.All.Where(one => one.Context.Epoch > 0).ToList();
        Assert.All(replayed, one => Assert.True(one.Context.IsReplay));
        Assert.All(replayed.GroupBy(one => one.Context.Partition), one => Assert.Equal(Enumerable.Range(20, PerPartition - 20), one.Select(record => record.Number)));
        await UntilCommittedAsync(topic);
    }

    [Fact]
    public async Task What_comes_after_a_rewind_is_no_replay_and_has_its_epoch()
    {
        using var topic = await FilledAsync();
        await using var instance = await StartAsync(topic, _handled);
        await _handled.UntilCountAsync(Partitions * PerPartition);
        await UntilCommittedAsync(topic);
        await RewindAsync(instance, RewindTarget.Beginning);

        await topic.PublishAsync(0, PerPartition);
        await _handled.UntilAsync(all => all.Exists(one => one.Number == PerPartition));

        var last = _handled.All.Single(one => one.Number == PerPartition);
        Assert.False(last.Context.IsReplay);
        Assert.True(last.Context.Epoch > 0);
    }

    [Fact]
    public async Task A_rewind_that_was_asked_while_nobody_ran_is_carried_out_by_who_comes()
    {
        using var topic = await FilledAsync();
        await using (var before = await StartAsync(topic, _handled))
        {
            await _handled.UntilCountAsync(Partitions * PerPartition);
        }

        await using var issuer = await IssuerAsync(topic);
        var control = issuer.Get<IConsumerGroupControl>();
        var scope = new GroupScope(_group) { Topics = [topic.Name], Partitions = [1, 2] };
        var operation = await control.RewindAsync(await control.PlanRewindAsync(scope, RewindTarget.Beginning, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.False((await control.GetRewindAsync(_group, operation, TestContext.Current.CancellationToken)).IsDone);
        var again = new Handled();
        await using var after = await StartAsync(topic, again);

        await again.UntilCountAsync(2 * PerPartition);
        await UntilDoneAsync(control, operation);
        Assert.Equal([1, 2], again.All.Select(one => one.Context.Partition).Distinct().Order());
        await UntilCommittedAsync(topic);
    }

    [Fact]
    public async Task A_partition_that_stopped_at_an_event_goes_on_when_that_is_skipped_and_handles_it_after_a_rewind()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 0, 1, 2, 3);
        var isBroken = true;
        await using var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Configure(Quickly).OnFailure(failure => failure.WithoutRetryLater()).Handle<Counted>((counted, context, token) =>
            counted.Number == 1 && isBroken ? throw new InvalidOperationException("no") : _handled.HandleAsync(counted, context, token)), Controlled);
        await instance.UntilHealthAsync(HealthStatus.Unhealthy);

        await instance.Get<IConsumerGroupControl>().SkipAsync(_group, topic.Name, 0, 1, TestContext.Current.CancellationToken);
        await _handled.UntilAsync(all => all.Exists(one => one.Number == 3));
        Assert.Equal([0, 2, 3], _handled.Numbers.Distinct());
        await instance.UntilHealthAsync(HealthStatus.Healthy);

        isBroken = false;
        await RewindAsync(instance, RewindTarget.Beginning);
        await _handled.UntilAsync(all => all.Count(one => one.Context.Epoch > 0) == 4);
        Assert.Equal([0, 1, 2, 3], _handled.All.Where(one => one.Context.Epoch > 0).Select(one => one.Number));
    }

    [Fact]
    public async Task A_group_that_is_paused_handles_nothing_until_it_is_resumed_also_after_a_restart()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 0, 1);
        await using (var before = await StartAsync(topic, _handled))
        {
            await _handled.UntilCountAsync(2);
            await before.Get<IConsumerGroupControl>().PauseAsync(new GroupScope(_group), TestContext.Current.CancellationToken);
            await before.UntilLoggedAsync(1472);
            await topic.PublishAsync(0, 2);
        }

        await using var after = await StartAsync(topic, _handled);
        await after.UntilLoggedAsync(1472);
        Assert.Equal([0, 1], _handled.Numbers);

        await after.Get<IConsumerGroupControl>().ResumeAsync(new GroupScope(_group), TestContext.Current.CancellationToken);
        await _handled.UntilAsync(all => all.Exists(one => one.Number == 2));
        Assert.Equal([0, 1, 2], _handled.Numbers);
    }

    [Fact]
    public async Task A_handler_with_effects_outside_passes_over_replays_or_refuses_them()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 0, 1, 2);
        var mails = new Handled();
        await using var instance = await GroupInstance.StartAsync(
            topic.Servers,
            _group,
            group => group.From(topic.Name).Configure(Quickly).Handle<Counted>(_handled.HandleAsync).Handle<Counted, MailHandler>(),
            builder => Controlled(builder, services => services.AddSingleton(mails)));
        await mails.UntilCountAsync(3);
        await UntilCommittedAsync(topic, 3);
        await RewindAsync(instance, RewindTarget.Beginning);
        await topic.PublishAsync(0, 3);
        await mails.UntilAsync(all => all.Exists(one => one.Number == 3));

        Assert.Equal([0, 1, 2, 3], mails.Numbers);
        Assert.Equal([0, 1, 2, 0, 1, 2, 3], _handled.Numbers);
    }

    [Fact]
    public async Task A_group_whose_handler_publishes_refuses_to_go_back_unless_told_otherwise()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 0, 1, 2);
        await using var instance = await GroupInstance.StartAsync(
            topic.Servers,
            _group,
            group => group.From(topic.Name).Configure(Quickly).Handle<Counted, PublishingHandler>(),
            builder => Controlled(builder, services => services.AddSingleton(_handled)));
        await _handled.UntilCountAsync(3);
        await UntilCommittedAsync(topic, 3);
        var control = instance.Get<IConsumerGroupControl>();

        var plan = await control.PlanRewindAsync(new GroupScope(_group), RewindTarget.Beginning, TestContext.Current.CancellationToken);
        var status = await UntilDoneAsync(control, await control.RewindAsync(plan, TestContext.Current.CancellationToken));
        await topic.PublishAsync(0, 3);
        await _handled.UntilCountAsync(4);

        Assert.Equal(RewindState.Refused, Assert.Single(status.Partitions).State);
        Assert.Equal([0, 1, 2, 3], _handled.Numbers);
        await instance.UntilLoggedAsync(1474);
    }

    [Fact]
    public async Task A_time_is_resolved_by_the_log_and_one_beyond_it_is_the_end()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 0, 1, 2);
        await using var issuer = await IssuerAsync(topic);
        var control = issuer.Get<IConsumerGroupControl>();
        var scope = new GroupScope(_group) { Topics = [topic.Name] };

        Assert.Equal(0, Assert.Single((await control.PlanRewindAsync(scope, RewindTarget.Back(TimeSpan.FromHours(2)), TestContext.Current.CancellationToken)).Partitions).Target);
        Assert.Equal(3, Assert.Single((await control.PlanRewindAsync(scope, RewindTarget.At(DateTimeOffset.UtcNow.AddHours(1)), TestContext.Current.CancellationToken)).Partitions).Target);
        Assert.Equal(3, Assert.Single((await control.PlanRewindAsync(scope, RewindTarget.End, TestContext.Current.CancellationToken)).Partitions).Target);
        var wrong = await Assert.ThrowsAsync<MessagingException>(() =>
            control.PlanRewindAsync(scope with { Partitions = [7] }, RewindTarget.End, TestContext.Current.CancellationToken).AsTask());
        Assert.Contains("no partition 7", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_killed_in_the_middle_of_a_rewind_delays_it_only()
    {
        await kafka.GetClusterAsync();
        await using var cluster = await KafkaCluster.StartAsync(1);
        using var topic = await CounterTopic.CreateAsync(cluster.BootstrapServers);
        await topic.PublishAsync(0, Enumerable.Range(0, PerPartition));
        var gate = new Gate();
        await using var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Configure(Quickly).Handle<Counted>(async (counted, context, token) =>
        {
            if (context.Epoch == 0 && counted.Number == PerPartition - 1)
            {
                await gate.PassAsync(token);
            }

            await _handled.HandleAsync(counted, context, token);
        }), Controlled);
        await gate.Reached;
        var control = instance.Get<IConsumerGroupControl>();
        var operation = await control.RewindAsync(
            await control.PlanRewindAsync(new GroupScope(_group), RewindTarget.Beginning, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        // The order is stored, and waits for the handler; what follows meets a broker that is away.
        await cluster.KillNodeAsync(1);
        gate.Open();
        await cluster.StartNodeAsync(1);

        await _handled.UntilAsync(all => all.Where(one => one.Context.Epoch > 0).Select(one => one.Number).Distinct().Count() == PerPartition);
        await UntilDoneAsync(control, operation);
    }

    private static void Quickly(KafkaConsumerGroupOptions options) => options.CommitInterval = TimeSpan.FromMilliseconds(100);

    private static async Task<RewindStatus> UntilDoneAsync(IConsumerGroupControl control, string operation, string group)
    {
        while (true)
        {
            if (await control.GetRewindAsync(group, operation, TestContext.Current.CancellationToken) is { IsDone: true } status)
            {
                return status;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Task<RewindStatus> UntilDoneAsync(IConsumerGroupControl control, string operation) => UntilDoneAsync(control, operation, _group);

    private void Controlled(IMessagingPatternsBuilder builder, Action<IServiceCollection> more)
    {
        Controlled(builder);
        more(builder.Services);
    }

    private void Controlled(IMessagingPatternsBuilder builder) => builder.AddConsumerGroupControl(options => options.Topic = _control);

    private async Task<CounterTopic> FilledAsync()
    {
        var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), Partitions);
        await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => topic.PublishAsync(partition, Enumerable.Range(0, PerPartition))));
        return topic;
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic, Handled handled, GroupProtocol protocol = GroupProtocol.Classic) => GroupInstance.StartAsync(
        topic.Servers, _group, group => group.From(topic.Name).Configure(Quickly).ConfigureConsumer(consumer => consumer.GroupProtocol = protocol).Handle<Counted>(handled.HandleAsync), Controlled);

    // Another group's process, which knows the group by its name only.
    private Task<GroupInstance> IssuerAsync(CounterTopic topic) => GroupInstance.StartAsync(
        topic.Servers, KafkaTopics.UniqueName("other"), group => group.From(topic.Name).Handle<Renamed>((_, _, _) => ValueTask.CompletedTask), Controlled);

    private async Task RewindAsync(GroupInstance instance, RewindTarget target)
    {
        var control = instance.Get<IConsumerGroupControl>();
        var plan = await control.PlanRewindAsync(new GroupScope(_group), target, TestContext.Current.CancellationToken);
        await UntilDoneAsync(control, await control.RewindAsync(plan, TestContext.Current.CancellationToken));
    }

    private async Task UntilCommittedAsync(CounterTopic topic, long offset = PerPartition)
    {
        while (!(await topic.CommittedAsync(_group)).SequenceEqual(Enumerable.Repeat(offset, topic.Partitions)))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    [OnReplay(ReplayPolicy.Skip)]
    private sealed class MailHandler(Handled mails) : IEventHandler<Counted>
    {
        public ValueTask HandleAsync(Counted @event, EventContext context, CancellationToken cancellationToken = default) => mails.HandleAsync(@event, context, cancellationToken);
    }

    private sealed class PublishingHandler(Handled handled, IRecordProducer producer) : IEventHandler<Counted>
    {
        public ValueTask HandleAsync(Counted @event, EventContext context, CancellationToken cancellationToken = default)
        {
            Assert.NotNull(producer);
            return handled.HandleAsync(@event, context, cancellationToken);
        }
    }
}
