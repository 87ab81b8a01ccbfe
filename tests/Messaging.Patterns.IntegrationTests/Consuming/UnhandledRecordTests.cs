using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>What no handler takes.</summary>
public sealed class UnhandledRecordTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task What_nobody_takes_or_can_read_goes_to_the_handler_of_records_as_it_is_and_in_its_order()
    {
        const string Unknown = """{"specversion":"1.0","id":"1","source":"/x","type":"never-heard-of","data":{}}""";
        const string Wrong = """{"specversion":"1.0","id":"2","source":"/x","type":"counted","data":"no number"}""";
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteAsync(0, "counter-0", Unknown, ("color", "red"));
        await topic.PublishAsync(0, 3);
        await topic.WriteAsync(0, "counter-0", "no event at all");
        await topic.WriteAsync(0, "counter-0", Wrong);
        await topic.WriteAsync(0, "counter-0", value: (string?)null);
        await topic.PublishAsync(0, 4);
        var seen = new List<(string Type, string? Value)>();
        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Handle<Counted>(async (counted, context, token) =>
            {
                seen.Add((context.EventType, $"{counted.Number}"));
                await _handled.HandleAsync(counted, context, token);
            })
            .Handle<RawRecord>((record, context, _) =>
            {
                seen.Add((context.EventType, record.Value is { } value ? Encoding.UTF8.GetString(value.Span) : null));
                return ValueTask.CompletedTask;
            })
            .OnUnhandled(UnhandledEventPolicy.Raw)))
        {
            await _handled.UntilCountAsync(2);
        }

        Assert.Equal(
            [("never-heard-of", Unknown), ("counted", "3"), (RawRecord.TypeName, "no event at all"), ("counted", Wrong), (Tombstone.TypeName, null), ("counted", "4")], seen);
        Assert.Equal([6], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_handler_of_records_that_fails_holds_the_commit_like_any_other()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1);
        await topic.WriteAsync(0, "counter-0", "no event at all");
        await topic.PublishAsync(0, 2);
        await using var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Handle<Counted>(_handled.HandleAsync)
            .Handle<RawRecord>((_, _, _) => throw new NotSupportedException())
            .OnUnhandled(UnhandledEventPolicy.Raw)
            .OnFailure(failure => failure.WithoutRetryLater()));

        await instance.UntilHealthAsync(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);
        await instance.StopAsync();

        Assert.Equal([1], _handled.Numbers);
        Assert.Equal([1], await topic.CommittedAsync(_group));
    }
}
