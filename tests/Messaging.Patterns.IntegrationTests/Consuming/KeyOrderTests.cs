using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Configuration;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Keys keep their order and wait for nobody else.</summary>
public sealed class KeyOrderTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task A_key_whose_handler_hangs_delays_only_itself_and_holds_the_commit_back()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var gate = new Gate();
        await topic.PublishAsync(0, "first", 1);
        await topic.PublishAsync(0, "slow", 2, 3);
        await topic.PublishAsync(0, "fast", Enumerable.Range(4, 100));
        await using (await StartAsync(topic, async (counted, token) => await (counted.Number == 2 ? gate.PassAsync(token) : Task.CompletedTask)))
        {
            await gate.Reached;
            await _handled.UntilCountAsync(101);
            Assert.Equal([1, .. Enumerable.Range(4, 100)], _handled.Numbers.Order());

            while (await topic.CommittedAsync(_group) is not [1])
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }

            gate.Open();
            await _handled.UntilCountAsync(103);
        }

        Assert.Equal([2, 3], _handled.Numbers.Skip(101));
        Assert.Equal([103], await topic.CommittedAsync(_group));
    }

    [Theory]
    [InlineData("counter-{0:D8}")]
    [InlineData("{0}")]
    public async Task As_many_keys_as_there_are_workers_are_handled_at_once_whatever_the_keys_look_like(string form)
    {
        const int Workers = 40;
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var together = new Meeting(Workers);

        foreach (var number in Enumerable.Range(0, Workers))
        {
            await topic.PublishAsync(0, string.Format(System.Globalization.CultureInfo.InvariantCulture, form, number), number);
        }

        await using var instance = await StartAsync(topic, (_, token) => together.JoinAsync(token), options => options.MaxConcurrency = Workers);

        await _handled.UntilCountAsync(Workers);
    }

    [Theory]
    [InlineData(ProcessingOrder.PerKey, null)]
    [InlineData(ProcessingOrder.PerPartition, "key")]
    public async Task Records_without_a_key_follow_each_other_and_so_do_all_where_that_is_asked_for(ProcessingOrder ordering, string? key)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var busy = 0;

        foreach (var number in Enumerable.Range(0, 50))
        {
            await topic.PublishAsync(0, key is null ? null : $"{key}-{number}", number);
        }

        await using var instance = await StartAsync(
            topic,
            async (_, _) =>
            {
                Assert.Equal(1, Interlocked.Increment(ref busy));
                await Task.Yield();
                Interlocked.Decrement(ref busy);
            },
            options => options.Ordering = ordering);

        await _handled.UntilCountAsync(50);
        Assert.Equal(Enumerable.Range(0, 50), _handled.Numbers);
    }

    [Fact]
    public async Task Where_no_order_is_asked_for_one_key_is_handled_several_times_at_once()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var together = new Meeting(8);
        await topic.PublishAsync(0, "key", Enumerable.Range(0, 8));
        await using var instance = await StartAsync(
            topic, (_, token) => together.JoinAsync(token), options => (options.Ordering, options.MaxConcurrency) = (ProcessingOrder.Unordered, 8));

        await _handled.UntilCountAsync(8);
    }

    [Fact]
    public async Task The_number_of_handlers_at_once_follows_the_configuration_while_the_group_runs()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var setting = new ChangingSetting($"Messaging:Kafka:Groups:{_group}:MaxConcurrency", "1");
        var (alone, together) = (new Gate(), new Meeting(5));

        foreach (var number in Enumerable.Range(0, 6))
        {
            await topic.PublishAsync(0, $"key-{number}", number);
        }

        await using var instance = await StartAsync(
            topic, (counted, token) => counted.Number == 0 ? alone.PassAsync(token) : together.JoinAsync(token), configuration: setting);
        await alone.Reached;
        Assert.Equal(0, together.Count);

        setting.Change("0");
        await instance.UntilLoggedAsync(1405);
        setting.Change("6");

        // All others at once, while the first still waits.
        await _handled.UntilCountAsync(5);
        alone.Open();
        await _handled.UntilCountAsync(6);
        Assert.Equal(0, _handled.Numbers.Last());
        await instance.UntilLoggedAsync(1404);
    }

    [Fact]
    public async Task A_stop_waits_for_every_key_that_is_being_handled_and_commits_them()
    {
        const int Keys = 12;
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var (together, gate) = (new Meeting(Keys), new Gate());

        foreach (var number in Enumerable.Range(0, 2 * Keys))
        {
            await topic.PublishAsync(0, $"key-{number % Keys}", number);
        }

        await using var instance = await StartAsync(
            topic,
            async (_, token) =>
            {
                await together.JoinAsync(token);
                await gate.PassAsync(token);
            },
            options => options.MaxConcurrency = Keys);
        await together.Complete;

        var stopping = instance.StopAsync();
        await instance.UntilLoggedAsync(1437);
        Assert.False(stopping.IsCompleted);
        gate.Open();
        await stopping;

        Assert.Equal(Enumerable.Range(0, Keys), _handled.Numbers.Order());
        Assert.Equal([Keys], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_stop_that_cancels_some_keys_commits_only_up_to_the_first_that_was_not_done()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, "done", 0);
        await topic.PublishAsync(0, "hangs", 1);
        await topic.PublishAsync(0, "done", 2);
        var gate = new Gate();
        await using var instance = await StartAsync(
            topic, (counted, token) => counted.Number == 1 ? gate.PassAsync(token) : Task.CompletedTask, options => options.DrainTimeout = TimeSpan.FromMilliseconds(1));
        await _handled.UntilCountAsync(2);

        await instance.StopAsync();

        Assert.Equal([0, 2], _handled.Numbers.Order());
        Assert.Equal([1], await topic.CommittedAsync(_group));
    }

    private Task<GroupInstance> StartAsync(
        CounterTopic topic, Func<Counted, CancellationToken, Task> before, Action<KafkaConsumerGroupOptions>? configure = null, IConfigurationSource? configuration = null) => GroupInstance.StartAsync(
        topic.Servers,
        _group,
        group => group.From(topic.Name).Configure(configure ?? (_ => { })).Handle<Counted>(async (counted, context, token) =>
        {
            await before(counted, token);
            await _handled.HandleAsync(counted, context, token);
        }),
        configuration: configuration);

    /// <summary>Those who join wait until all are there.</summary>
    private sealed class Meeting(int size)
    {
        private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public int Count => _count;

        public Task Complete => _complete.Task.WaitAsync(TestContext.Current.CancellationToken);

        public Task JoinAsync(CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _count) == size)
            {
                _complete.SetResult();
            }

            return _complete.Task.WaitAsync(cancellationToken);
        }
    }
}
