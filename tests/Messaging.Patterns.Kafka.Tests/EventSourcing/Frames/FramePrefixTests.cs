using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

public sealed class FramePrefixTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(98, 100)]
    [InlineData(long.MaxValue - 2, long.MaxValue)]
    public void What_the_writer_wrote_is_recognised(long firstVersion, long @base)
    {
        foreach (var layout in Enum.GetValues<LogLayout>())
        {
            foreach (var frame in new[] { Prepare(layout, Opened).Build(firstVersion, @base), Prepare(layout, Opened, Charged).Build(firstVersion, @base) })
            {
                Assert.True(FramePrefix.Fits(frame, HeaderOf(frame)));
            }
        }
    }

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void A_frame_that_differs_in_anything_is_not(LogLayout layout)
    {
        var frame = Prepare(layout, Opened).Build(10, 20);
        var header = HeaderOf(frame);

        Assert.False(FramePrefix.Fits(frame, header with { FirstVersion = 1 }));
        Assert.False(FramePrefix.Fits(frame, header with { FirstVersion = 11 }));
        Assert.False(FramePrefix.Fits(frame, header with { Base = 2 }));
        Assert.False(FramePrefix.Fits(frame, header with { Partitions = header.Partitions + 1 }));
        Assert.False(FramePrefix.Fits(frame, header with { AppendId = AppendId.New() }));
        Assert.False(FramePrefix.Fits(frame, header with { Count = 2 }));
        Assert.False(FramePrefix.Fits(frame.AsSpan(0, 40), header));
        Assert.False(FramePrefix.Fits([], header));
    }

    private static FrameHeader HeaderOf(byte[] frame)
    {
        Assert.Null(FrameReader.Read(Bytes("account-42"), frame, out var header));
        return header;
    }
}
