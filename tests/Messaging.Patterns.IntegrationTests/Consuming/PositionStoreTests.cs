using Messaging.Patterns.Consuming;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Snippets;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>A projection that keeps its position beside its data, in a file.</summary>
public sealed class PositionStoreTests(OneNodeKafka kafka) : IDisposable
{
    private const int Events = 40;

    private readonly TempFolder _folder = new();
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly string _control = KafkaTopics.UniqueName("control");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_projection_is_rewound_and_takes_every_event_once_in_each_epoch()
    {
        using var topic = await FilledAsync();
        var store = NewStore();
        await using var instance = await StartAsync(topic, store);
        await UntilAsync(() => store.Data.Values.Sum() == Events);
        await UntilCommittedAsync(topic, Events);
        var control = instance.Get<IConsumerGroupControl>();

        var plan = await control.PlanRewindAsync(new GroupScope(_group), RewindTarget.Offset(10), TestContext.Current.CancellationToken);
        await control.RewindAsync(plan, TestContext.Current.CancellationToken);
        await UntilAsync(() => store.Data.Values.Sum() == Events + (Events - 10));

        Assert.All(store.Data, entry => Assert.Equal(int.Parse(entry.Key, System.Globalization.CultureInfo.InvariantCulture) < 10 ? 1 : 2, entry.Value));
        var position = await store.ReadAsync(_group, topic.Name, 0, TestContext.Current.CancellationToken);
        Assert.Equal(Events, position!.Next);
        Assert.True(position.Epoch > 0);
        await UntilCommittedAsync(topic, Events);
    }

    [Fact]
    public async Task The_position_of_the_projection_holds_whatever_the_group_has_committed()
    {
        using var topic = await FilledAsync();
        await topic.CommitAsync(_group, Events);
        var store = NewStore();
        await store.RewindAsync(_group, topic.Name, 0, new StoredPosition(30, 0), TestContext.Current.CancellationToken);
        await using var instance = await StartAsync(topic, store);

        await UntilAsync(() => store.Data.Count == Events - 30);

        Assert.Equal(30, store.Data.Keys.Min(key => int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task What_a_former_owner_stored_and_did_not_commit_is_committed_by_the_next_although_nothing_comes()
    {
        using var topic = await FilledAsync();
        await topic.CommitAsync(_group, Events - 1);
        var store = NewStore();
        await store.RewindAsync(_group, topic.Name, 0, new StoredPosition(Events, 0), TestContext.Current.CancellationToken);
        await using var instance = await StartAsync(topic, store);

        await UntilCommittedAsync(topic, Events);

        Assert.Empty(store.Data);
    }

    [Fact]
    public async Task A_position_that_the_log_does_not_hold_stops_the_partition_and_is_not_committed()
    {
        using var topic = await FilledAsync();
        await topic.CommitAsync(_group, 10);
        var store = NewStore();
        await store.RewindAsync(_group, topic.Name, 0, new StoredPosition(Events + 1, 0), TestContext.Current.CancellationToken);
        await using var instance = await StartAsync(topic, store);

        var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);

        Assert.Contains($"the log does not hold offset {Events + 1}", health.Description, StringComparison.Ordinal);

        // Who leaves commits what is left to commit.
        await instance.StopAsync();
        Assert.Equal(10, (await topic.CommittedAsync(_group))[0]);
    }

    [Fact]
    public async Task A_position_of_an_epoch_that_the_control_topic_does_not_know_stops_the_partition_and_is_explained()
    {
        using var topic = await FilledAsync();
        var store = NewStore();
        await store.RewindAsync(_group, topic.Name, 0, new StoredPosition(30, 99), TestContext.Current.CancellationToken);
        await using var instance = await StartAsync(topic, store);

        var health = await instance.UntilHealthAsync(HealthStatus.Unhealthy);

        Assert.Contains("epoch 99", health.Description, StringComparison.Ordinal);
        Assert.Empty(store.Data);
    }

    [Fact]
    public async Task A_position_that_a_former_owner_set_right_after_it_was_looked_at_is_found()
    {
        using var topic = await FilledAsync();
        var store = NewStore();

        await using (var instance = await StartAsync(topic, store))
        {
            await UntilAsync(() => store.Data.Values.Sum() == Events);
            await UntilCommittedAsync(topic, Events);
            var control = instance.Get<IConsumerGroupControl>();
            await control.RewindAsync(await control.PlanRewindAsync(new GroupScope(_group), RewindTarget.Offset(10), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            await UntilAsync(() => store.Data.Values.Sum() == Events + (Events - 10));
            await UntilCommittedAsync(topic, Events);
        }

        var handled = new Handled();
        await topic.PublishAsync(0, Events);
        await using var next = await GroupInstance.StartAsync(
            topic.Servers,
            _group,
            group => group.From(topic.Name).KeepPositionIn<LateStore>().Handle<Counted>(handled.HandleAsync),
            builder => builder.AddConsumerGroupControl(options => options.Topic = _control).Services.AddSingleton(new LateStore(store)));
        await handled.UntilCountAsync(1);

        Assert.Equal(Events, handled.Numbers.First());
    }

    [Fact]
    public async Task A_group_that_keeps_its_position_needs_the_control_topic_and_says_so()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());

        var refused = await Assert.ThrowsAsync<MessagingException>(() => GroupInstance.StartAsync(topic.Servers, _group, group => Configure(group, topic, NewStore()), builder => builder.Services.AddSingleton(NewStore())));

        Assert.Contains("AddConsumerGroupControl", refused.Message, StringComparison.Ordinal);
    }

    private static void Configure(KafkaConsumerGroupBuilder group, CounterTopic topic, JsonFileStore<Dictionary<string, int>> store) => group
        .From(topic.Name)
        .KeepPositionIn<JsonFileStore<Dictionary<string, int>>>()
        .Configure(options => options.CommitInterval = TimeSpan.FromMilliseconds(100))
        .Handle<Counted>((counted, context, _) =>
        {
            var number = counted.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            store.Apply(context, counts => counts[number] = counts.GetValueOrDefault(number) + 1);
            return ValueTask.CompletedTask;
        });

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private async Task UntilCommittedAsync(CounterTopic topic, long offset)
    {
        while ((await topic.CommittedAsync(_group))[0] != offset)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private JsonFileStore<Dictionary<string, int>> NewStore() => new(Path.Combine(_folder.Path, "counts.json"));

    private async Task<CounterTopic> FilledAsync()
    {
        var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, Enumerable.Range(0, Events));
        return topic;
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic, JsonFileStore<Dictionary<string, int>> store) => GroupInstance.StartAsync(
        topic.Servers, _group, group => Configure(group, topic, store), builder => builder.AddConsumerGroupControl(options => options.Topic = _control).Services.AddSingleton(store));

    /// <summary>Shows at first what was stored before the rewind.</summary>
    private sealed class LateStore(IPositionStore store) : IPositionStore
    {
        private bool _wasRead;

        public ValueTask<StoredPosition?> ReadAsync(string group, string topic, int partition, CancellationToken cancellationToken = default)
        {
            var isFirst = !_wasRead;
            _wasRead = true;
            return isFirst ? ValueTask.FromResult<StoredPosition?>(new StoredPosition(20, 0)) : store.ReadAsync(group, topic, partition, cancellationToken);
        }

        public ValueTask<StoredPosition> RewindAsync(string group, string topic, int partition, StoredPosition position, CancellationToken cancellationToken = default) =>
            store.RewindAsync(group, topic, partition, position, cancellationToken);
    }
}
