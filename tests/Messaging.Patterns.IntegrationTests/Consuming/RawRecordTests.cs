using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Records as they are.</summary>
public sealed class RawRecordTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task Every_record_is_handled_as_it_is_also_one_without_a_value_or_without_a_key()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.WriteAsync(0, "a", "bytes of any kind", ("color", "red"));
        await topic.WriteAsync(0, "a", value: (string?)null);
        await topic.WriteAsync(0, null, "no key");
        await topic.WriteAsync(0, "a", """{"specversion":"1.0","id":"x","source":"/x","type":"counted","logversion":2}""");
        var seen = new System.Collections.Concurrent.ConcurrentBag<(long Offset, string? Value, string Key, string Headers, string Id)>();
        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group.From(topic.Name).Handle<RawRecord>((record, context, token) =>
        {
            seen.Add((
                context.Offset,
                record.Value is { } value ? Encoding.UTF8.GetString(value.Span) : null,
                Encoding.UTF8.GetString(context.Key.Span),
                string.Join(',', context.Headers.Select(header => header.Key)),
                context.EventId));
            return _handled.HandleAsync(new Counted((int)context.Offset), context, token);
        })))
        {
            await _handled.UntilCountAsync(4);
        }

        var all = seen.OrderBy(one => one.Offset).ToList();
        Assert.Equal(["bytes of any kind", null, "no key", all[3].Value], all.Select(one => one.Value));
        Assert.Equal(["a", "a", "", "a"], all.Select(one => one.Key));
        Assert.Equal(["color", "", "", ""], all.Select(one => one.Headers));
        Assert.Equal($"{topic.Name}:0:1", all[1].Id);
        Assert.Equal([4], await topic.CommittedAsync(_group));
    }
}
