using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

public sealed class PendingFrameTests
{
    [Theory]
    [InlineData(LogLayout.CloudEvents, 0)]
    [InlineData(LogLayout.CloudEvents, 7)]
    [InlineData(LogLayout.CloudEvents, 1_000_000_000_000)]
    [InlineData(LogLayout.Binary, 0)]
    [InlineData(LogLayout.Binary, 7)]
    [InlineData(LogLayout.Binary, 1_000_000_000_000)]
    public void The_frame_is_sent_again_with_a_base_that_may_rise(LogLayout layout, long @base)
    {
        var prepared = Prepare(layout, Opened, Charged);
        var pending = Parse(Pending(prepared, 3, 2));

        Assert.Equal(prepared.Build(3, @base), pending.Build(3, @base));
        Assert.Equal(2, pending.Count);
    }

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void What_its_owner_does_with_the_bytes_afterwards_changes_nothing(LogLayout layout)
    {
        var pending = Pending(Prepare(layout, Opened), 1, 1);
        var bytes = pending.Frame.ToArray();
        var parsed = Parse(pending with { Frame = bytes });

        Array.Clear(bytes);

        Assert.Equal(pending.Frame.ToArray(), parsed.Build(1, 5));
    }

    [Fact]
    public void A_field_named_like_the_base_inside_data_stays_as_it_is()
    {
        var value = Bytes("""{"specversion":"1.0","streamversion":"3","data":{"logbase":"1"},"logbase":"5","logversion":1,"logpartitions":12,"appendid":"0198c5a07b1c700080000123456789ab","id":"e","source":"/s","type":"t"}""");

        var frame = Parse(new PendingAppend { Stream = Account, Id = Id, FirstVersion = 3, Count = 1, Base = Position.Start, Frame = value }).Build(3, 17);

        Assert.Contains("\"data\":{\"logbase\":\"1\"},\"logbase\":\"17\"", Text(frame), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("x")]
    [InlineData("{\"logbase\":\"5\"}")]
    public void What_is_no_frame_is_refused(string value)
    {
        var pending = Pending(Prepare(Opened), 1, 1) with { Frame = Bytes(value) };

        var refused = Assert.Throws<ArgumentException>("pending", () => Parse(pending));
        Assert.StartsWith($"The frame of pending append {Id} is none: ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void The_frame_of_another_append_is_refused(LogLayout layout)
    {
        var pending = Pending(Prepare(layout, Opened), 1, 1);

        Assert.All(
            [pending with { Id = AppendId.From("other") }, pending with { FirstVersion = 2 }, pending with { Count = 2 }],
            other => Assert.Throws<ArgumentException>("pending", () => Parse(other)));
    }

    private static PendingFrame Parse(PendingAppend pending) => PendingFrame.Parse(StreamKeys.Of(Account, out _), pending);

    private static PendingAppend Pending(IFrameBytes frame, long firstVersion, int count) => new()
    {
        Stream = Account,
        Id = Id,
        FirstVersion = firstVersion,
        Count = count,
        Base = Position.At("accounts:3", 5),
        Frame = frame.Build(firstVersion, 5),
    };
}
