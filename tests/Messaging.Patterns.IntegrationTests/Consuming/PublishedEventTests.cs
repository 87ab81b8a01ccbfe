using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Topics of published events, ours and those of others.</summary>
public sealed class PublishedEventTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task What_the_publisher_sends_is_handled()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await using var instance = await GroupInstance.StartAsync(
            topic.Servers,
            _group,
            group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync),
            patterns => patterns
                .AddKafkaPublisher(options => (options.Source, options.Provisioning) = ("/counting", Kafka.Topics.ProvisioningMode.None))
                .AddRoute<Counted>(topic.Name, counted => $"number {counted.Number}"));

        var position = await instance.Get<IEventPublisher>().PublishAsync(
            new EventData(new Counted(7)) { Id = "the id", Metadata = new Dictionary<string, string> { ["tenant"] = "t" } }, TestContext.Current.CancellationToken);

        await _handled.UntilCountAsync(1);
        var context = _handled.All[0].Context;
        Assert.Equal(("the id", "/counting", "counted"), (context.EventId, context.Source, context.EventType));
        Assert.Equal("number 7", Encoding.UTF8.GetString(context.Key.Span));
        Assert.Equal([KeyValuePair.Create("tenant", "t")], context.Metadata);
        Assert.Equal("content-type", Assert.Single(context.Headers).Key);
        Assert.Equal((null, 0L, position), (context.Stream, context.Version, context.Position));
    }

    [Fact]
    public async Task What_the_publisher_sends_in_binary_mode_is_handled_and_a_tombstone_too()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var gone = new List<string>();
        await using var instance = await GroupInstance.StartAsync(
            topic.Servers,
            _group,
            group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync).Handle<Tombstone>((_, context, _) =>
            {
                gone.Add(Encoding.UTF8.GetString(context.Key.Span));
                return ValueTask.CompletedTask;
            }),
            patterns => patterns
                .AddKafkaPublisher(options => (options.Source, options.Provisioning) = ("/counting", Kafka.Topics.ProvisioningMode.None))
                .AddRoute<Counted>(topic.Name, counted => $"number {counted.Number % 2}", CloudEvents.CloudEventMode.Binary));
        var publisher = instance.Get<IEventPublisher>();
        using var activity = new System.Diagnostics.Activity("publish").SetIdFormat(System.Diagnostics.ActivityIdFormat.W3C).Start();

        await publisher.PublishAsync(new EventData(new Counted(7)) { Id = "the id", Metadata = new Dictionary<string, string> { ["tenant"] = "ä" } }, TestContext.Current.CancellationToken);
        await publisher.PublishTombstoneAsync<Counted>("number 1", TestContext.Current.CancellationToken);
        await publisher.PublishAsync(new EventData(new Counted(9)), TestContext.Current.CancellationToken);

        await _handled.UntilCountAsync(2);
        var context = _handled.All[0].Context;
        Assert.Equal([7, 9], _handled.Numbers);
        Assert.Equal(("the id", "/counting", "counted", activity.TraceId), (context.EventId, context.Source, context.EventType, context.Trace.TraceId));
        Assert.Equal([KeyValuePair.Create("tenant", "ä")], context.Metadata);
        Assert.Equal("application/json", Encoding.UTF8.GetString(context.Headers.Single(header => header.Key == "content-type").Value.Span));
        Assert.Equal(["number 1"], gone);
    }

    [Fact]
    public async Task Binary_mode_is_handled()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteAsync(
            0, "key", """{"number":5}""", ("ce_specversion", "1.0"), ("ce_id", "b"), ("ce_source", "/others"), ("ce_type", "counted"), ("content-type", "application/json"));
        await using var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<Counted>(_handled.HandleAsync));

        await _handled.UntilCountAsync(1);

        Assert.Equal((5, "b", "/others"), (_handled.All[0].Number, _handled.All[0].Context.EventId, _handled.All[0].Context.Source));
    }

    [Fact]
    public async Task Tombstones_raw_events_and_typed_events_go_to_their_handlers_in_order()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteAsync(0, "counter-0", """{"specversion":"1.0","id":"1","source":"/x","type":"never-heard-of","datacontenttype":"text/plain","data":"hello"}""");
        await topic.WriteAsync(0, "counter-0", value: (string?)null);
        await topic.PublishAsync(0, 3);
        var seen = new List<string>();
        await using var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Handle<RawEvent>((raw, _, _) => See($"{raw.Type}: {Encoding.UTF8.GetString(raw.Data.Span)}"))
            .Handle<Tombstone>((_, context, _) => See($"{Encoding.UTF8.GetString(context.Key.Span)} is gone ({context.EventId})"))
            .Handle<Counted>((counted, context, token) =>
            {
                seen.Add($"number {counted.Number}");
                return _handled.HandleAsync(counted, context, token);
            }));

        await _handled.UntilCountAsync(1);

        Assert.Equal(["never-heard-of: hello", $"counter-0 is gone ({topic.Name}:0:1)", "number 3"], seen);

        ValueTask See(string text)
        {
            seen.Add(text);
            return ValueTask.CompletedTask;
        }
    }
}
