using System.Diagnostics;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

public sealed class ConsumerGroupTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task Everything_appended_is_handled_in_order_per_stream()
    {
        var topic = KafkaTopics.UniqueName("counters");
        await using var instance = await GroupInstance.StartAsync(
            await kafka.GetAsync(),
            _group,
            group => group.From(topic).Handle<Counted>(_handled.HandleAsync),
            patterns => patterns.AddStreams("counter", topic, specification => specification.Partitions = 3).AddKafkaEventWriter());
        var writer = instance.Get<IEventWriter>();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => writer.AppendAsync(
            new StreamId("counter", $"{number % 10}"),
            ExpectedVersion.Any,
            [new EventData(new Counted(number)), new EventData(new Counted(1_000 + number))],
            cancellationToken: TestContext.Current.CancellationToken).AsTask()));

        await _handled.UntilCountAsync(200);
        Assert.All(
            _handled.All.GroupBy(one => one.Context.Stream),
            stream => Assert.Equal(Enumerable.Range(1, 20).Select(version => (long)version), stream.Select(one => one.Context.Version)));
    }

    [Fact]
    public async Task The_context_says_where_an_event_of_a_stream_comes_from()
    {
        using var listener = new ActivityListener { ShouldListenTo = _ => true, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller").Start();
        var topic = KafkaTopics.UniqueName("counters");
        await using var instance = await GroupInstance.StartAsync(
            await kafka.GetAsync(),
            _group,
            group => group.From(topic).Handle<Counted>((counted, context, token) =>
            {
                Assert.Equal(caller.TraceId, Activity.Current!.TraceId);
                Assert.Equal($"process {topic}", Activity.Current.OperationName);
                return _handled.HandleAsync(counted, context, token);
            }),
            patterns => patterns.AddStreams("counter", topic, specification => specification.Partitions = 1).AddKafkaEventWriter());
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        var result = await instance.Get<IEventWriter>().AppendAsync(
            new StreamId("counter", "1"),
            ExpectedVersion.NoStream,
            [new EventData(new Counted(1)), new EventData(new Counted(2)) { Id = "second", Time = time, Metadata = new Dictionary<string, string> { ["tenant"] = "t" } }],
            cancellationToken: TestContext.Current.CancellationToken);

        await _handled.UntilCountAsync(2);
        var context = _handled.All[1].Context;
        Assert.Equal((_group, "second", "/counter", "counted", time), (context.Group, context.EventId, context.Source, context.EventType, context.Time));
        Assert.Equal((topic, 0, 1, new StreamId("counter", "1"), 2L), (context.Topic, context.Partition, context.Index, context.Stream!, context.Version));
        Assert.Equal("counter-1", Encoding.UTF8.GetString(context.Key.Span));
        Assert.Equal([KeyValuePair.Create("tenant", "t")], context.Metadata);
        Assert.Equal((caller.TraceId, true), (context.Trace.TraceId, context.Trace.IsRemote));
        Assert.Equal(result.Position, context.Position);
        Assert.Equal(result.Position.Next($"{topic}:0") - 1, context.Offset);
    }

    [Fact]
    public async Task A_new_group_starts_at_the_beginning()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3);

        await using var instance = await StartAsync(topic);

        await _handled.UntilCountAsync(3);
        Assert.Equal([1, 2, 3], _handled.Numbers);
    }

    [Fact]
    public async Task A_group_started_again_goes_on_after_its_commit()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3);
        await using (await StartAsync(topic))
        {
            await _handled.UntilCountAsync(3);
        }

        Assert.Equal([3], await topic.CommittedAsync(_group));
        await topic.PublishAsync(0, 4, 5);
        await using var again = await StartAsync(topic);

        await _handled.UntilCountAsync(5);
        Assert.Equal([1, 2, 3, 4, 5], _handled.Numbers);
    }

    [Fact]
    public async Task Handled_records_are_committed_while_the_group_runs()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        await using var instance = await StartAsync(topic);

        await topic.PublishAsync(0, 1, 2, 3);
        await topic.PublishAsync(1, 4);

        while ((await topic.CommittedAsync(_group)) is not [3, 1])
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Kafkas_own_tool_shows_offsets_and_lag_truthfully()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var gate = new Gate();
        await topic.PublishAsync(0, 1, 2, 3, 4, 5);
        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(async (counted, context, token) =>
        {
            if (counted.Number == 4)
            {
                await gate.PassAsync(token);
            }

            await _handled.HandleAsync(counted, context, token);
        })))
        {
            await gate.Reached;

            while (await topic.CommittedAsync(_group) is not [3])
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }

            Assert.Equal(["3", "5", "2"], await DescribeAsync(topic));
            gate.Open();
            await _handled.UntilCountAsync(5);
        }

        Assert.Equal(["5", "5", "0"], await DescribeAsync(topic));
    }

    [Fact]
    public async Task A_group_that_starts_before_its_topic_waits_for_it()
    {
        var servers = await kafka.GetAsync();
        var name = KafkaTopics.UniqueName("counters");
        await using var instance = await GroupInstance.StartAsync(servers, _group, group => group.From(name).Handle<Counted>(_handled.HandleAsync));
        await instance.UntilLoggedAsync(1103);
        Assert.Contains(name, (await instance.CheckHealthAsync()).Description, StringComparison.Ordinal);

        await using var writer = await GroupInstance.StartAsync(
            servers,
            KafkaTopics.UniqueName("group"),
            group => group.From(name).Handle<Counted>((_, _, _) => ValueTask.CompletedTask),
            patterns => patterns.AddStreams("counter", name, specification => specification.Partitions = 1).AddKafkaEventWriter());
        await writer.Get<IEventWriter>().AppendAsync(
            new StreamId("counter", "1"), ExpectedVersion.Any, [new EventData(new Counted(1))], cancellationToken: TestContext.Current.CancellationToken);

        await _handled.UntilCountAsync(1);
        await instance.UntilHealthAsync(HealthStatus.Healthy);
    }

    [Fact]
    public async Task The_brokers_new_group_protocol_works_too()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3);

        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name).Handle<Counted>(_handled.HandleAsync).ConfigureConsumer(config => config.GroupProtocol = Confluent.Kafka.GroupProtocol.Consumer)))
        {
            await _handled.UntilCountAsync(3);
        }

        Assert.Equal([3], await topic.CommittedAsync(_group));
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic) =>
        GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync));

    /// <summary>Returns CURRENT-OFFSET, LOG-END-OFFSET and LAG of the topic's only partition.</summary>
    private async Task<string[]> DescribeAsync(CounterTopic topic)
    {
        var result = await KafkaTools.RunAsync(topic.Servers, "kafka-consumer-groups.sh", ["--describe", "--group", _group]);
        var line = result.Output.Split('\n').Single(line => line.Contains(topic.Name, StringComparison.Ordinal));
        return line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..6];
    }
}
