using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Abstractions.Tests.Consuming;

public sealed class EventContextTests
{
    private static readonly EventContext Context = new()
    {
        Group = "balances",
        EventId = "0198c5a07b1c700080000123456789ab",
        Source = "/orders",
        EventType = "order-placed",
        Time = DateTimeOffset.UnixEpoch,
        Topic = "orders",
        Partition = 3,
        Offset = 41,
    };

    [Fact]
    public void An_append_caused_by_an_event_has_the_same_id_each_time()
    {
        Assert.Equal("391de746928585f0a3a6fc492c869b7e", Context.AppendId.ToString());
        Assert.Equal(Context.AppendId, (Context with { Offset = 99, Attempt = 2, Group = "other" }).AppendId);
        Assert.NotEqual(Context.AppendId, (Context with { Source = "/payments" }).AppendId);
        Assert.NotEqual(Context.AppendId, (Context with { EventId = "other" }).AppendId);
    }

    [Fact]
    public void The_place_of_an_event_includes_its_record() => Assert.Equal(Position.At("orders:3", 42), Context.Position);

    [Fact]
    public void What_a_record_does_not_say_is_empty()
    {
        Assert.Equal((1, 0, 0, false, null), (Context.Attempt, Context.Index, Context.Version, Context.IsReplay, Context.Stream));
        Assert.True(Context.Key.IsEmpty && Context.Headers.Count == 0 && Context.Metadata.Count == 0 && Context.Trace == default);
    }
}
