using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Reading one's own writes: waiting until a group has handled a position.</summary>
public sealed class PositionWaitTests(OneNodeKafka kafka) : ControlledGroupTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_wait_ends_when_the_event_is_handled_here_and_when_it_is_committed_for_others()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        Hangs = 2;
        await using var instance = await StartAsync(topic);
        await using var other = await OtherAsync(topic);
        await topic.PublishAsync(0, 0, 1, 2);
        await Gate.Reached;
        var (here, elsewhere) = (instance.Get<IConsumerGroupControl>(), other.Get<IConsumerGroupControl>());

        await WaitAsync(here, At(topic, 2));
        await WaitAsync(elsewhere, At(topic, 2));
        var waiting = (WaitAsync(here, At(topic, 3)), WaitAsync(elsewhere, At(topic, 3)));
        Assert.False(waiting.Item1.IsCompleted || waiting.Item2.IsCompleted);
        Gate.Open();
        await waiting.Item1;
        await waiting.Item2;

        Assert.Equal([0, 1, 2], Handled.Numbers);
    }

    [Fact]
    public async Task What_is_not_handled_in_time_is_named_and_may_be_waited_for_again()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await using var instance = await StartAsync(topic);

        var late = await Assert.ThrowsAsync<PositionNotHandledException>(() =>
            instance.Get<IConsumerGroupControl>().WaitForAsync(Group, At(topic, 5), TimeSpan.Zero, TestContext.Current.CancellationToken).AsTask());

        Assert.True(late.IsTransient);
        Assert.Contains($"topic '{topic.Name}', partition 0, up to offset 4", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_position_behind_a_parked_key_fails_at_once_and_names_it_and_one_before_it_does_not()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        Poison = 2;
        await topic.PublishAsync(0, 1, 2, 3);
        await using var instance = await StartAsync(topic);
        await using var other = await OtherAsync(topic);
        await instance.UntilLoggedAsync(1451);

        foreach (var control in new[] { instance.Get<IConsumerGroupControl>(), other.Get<IConsumerGroupControl>() })
        {
            await WaitAsync(control, At(topic, 1));
            var parked = await Assert.ThrowsAsync<PositionNotHandledException>(() => WaitAsync(control, At(topic, 3)));
            Assert.Equal((1L, "no 2", false), (parked.Parked!.Offset, parked.Parked.ExceptionMessage, parked.IsTransient));
            Assert.Contains("lies behind a key that is parked", parked.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_position_in_a_partition_that_stopped_fails_at_once_with_the_reason()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        Poison = 2;
        await topic.PublishAsync(0, 1, 2, 3);
        await using var instance = await StartAsync(topic, patience: false);
        await using var other = await OtherAsync(topic);

        foreach (var control in new[] { instance.Get<IConsumerGroupControl>(), other.Get<IConsumerGroupControl>() })
        {
            await WaitAsync(control, At(topic, 1));
            var stopped = await Assert.ThrowsAsync<PositionNotHandledException>(() => WaitAsync(control, At(topic, 2)));
            Assert.True(stopped.IsStopped);
            Assert.Contains("at offset 1: InvalidOperationException: no 2", stopped.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_position_that_is_not_of_kafka_is_refused()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await using var other = await OtherAsync(topic);

        var refused = await Assert.ThrowsAsync<MessagingException>(() => WaitAsync(other.Get<IConsumerGroupControl>(), Position.At("events", 3)));

        Assert.Contains("found 'events'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_projection_is_built_anew_beside_the_old_one_until_it_has_caught_up()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, Enumerable.Range(0, 20));
        await using var other = await OtherAsync(topic);
        await using var anew = await StartAsync(topic);

        var status = await other.Get<IConsumerGroupControl>().WaitUntilCaughtUpAsync(new GroupScope(Group) { Topics = [topic.Name] }, TimeSpan.Zero, TestContext.Current.CancellationToken);

        Assert.Equal((0L, 20L), (status.Lag, status.Partitions[0].Committed));
        Assert.Equal(20, Handled.All.Count);
    }

    private static Position At(CounterTopic topic, long next) => Position.At($"{topic.Name}:0", next);

    private Task WaitAsync(IConsumerGroupControl control, Position position) => control.WaitForAsync(Group, position, Long, TestContext.Current.CancellationToken).AsTask();

    private Task<GroupInstance> StartAsync(CounterTopic topic, bool patience = true) => GroupInstance.StartAsync(
        topic.Servers,
        Group,
        group => group.From(topic.Name)
            .OnFailure(failure => (patience ? failure.RetryLater(delay: TimeSpan.FromHours(1), longestDelay: TimeSpan.FromHours(1)) : failure.WithoutRetryLater()).MaxUncommittedTime = TimeSpan.FromHours(2))
            .Configure(options => options.CommitInterval = TimeSpan.FromMilliseconds(100))
            .Handle<Counted>(HandleAsync),
        builder => builder.AddConsumerGroupControl(options => options.Topic = ControlTopic));
}
