using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Abstractions.Tests.EventSourcing;

public sealed class EventDataTests
{
    [Fact]
    public void An_event_is_its_payload_and_the_rest_is_given_where_it_is_known()
    {
        var data = new EventData("payload");

        Assert.Equal(("payload", null, null), (data.Payload, data.Id, data.Time));
        Assert.Empty(data.Metadata);
        Assert.Null((data with { Id = null }).Id);
        Assert.Equal("7", (data with { Id = "7" }).Id);
    }

    [Fact]
    public void A_payload_is_needed() => Assert.Throws<ArgumentNullException>("payload", () => new EventData(null!));

    [Fact]
    public void An_empty_id_is_refused() => Assert.StartsWith(
        "The id of an event must not be empty; leave it out to have one derived.",
        Assert.Throws<ArgumentException>("Id", () => new EventData("payload") { Id = "" }).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_raw_event_needs_a_type_and_a_content_type()
    {
        var raw = new RawEvent("type", default);

        Assert.Equal(("type", "application/json"), (raw.Type, raw.ContentType));
        Assert.Throws<ArgumentException>("Type", () => new RawEvent("", default));
        Assert.Throws<ArgumentNullException>("Type", () => new RawEvent(null!, default));
        Assert.Throws<ArgumentException>("ContentType", () => new RawEvent("type", default, ""));
        Assert.Throws<ArgumentException>("Type", () => raw with { Type = "" });
        Assert.Throws<ArgumentNullException>("ContentType", () => raw with { ContentType = null! });
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(25 * 24 * 3_600_000L)]
    public void A_time_limit_that_no_timer_can_keep_is_refused(long milliseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>("Timeout", () => new AppendOptions { Timeout = TimeSpan.FromMilliseconds(milliseconds) });

    [Fact]
    public void A_time_limit_may_be_left_to_the_store()
    {
        Assert.Null(new AppendOptions().Timeout);
        Assert.Null(new AppendOptions { Timeout = null }.Timeout);
        Assert.Equal(TimeSpan.Zero, new AppendOptions { Timeout = TimeSpan.Zero }.Timeout);
        Assert.Equal(TimeSpan.FromDays(24), new AppendOptions { Timeout = TimeSpan.FromDays(24) }.Timeout);
    }

    [Fact]
    public void Reads_begin_with_the_first_event_and_take_what_is_there()
    {
        var read = new StreamReadOptions();

        Assert.Equal((1, long.MaxValue, false), (read.FromVersion, read.MaxCount, read.Raw));
        Assert.Equal(ReadConsistency.Local, read.Consistency);
    }
}
