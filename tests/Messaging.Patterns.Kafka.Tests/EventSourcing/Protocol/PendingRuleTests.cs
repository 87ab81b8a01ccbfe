using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

public sealed class PendingRuleTests
{
    private static readonly AppendKey Pending = new(WriterHarness.Account, WriterHarness.Id(1));

    [Fact]
    public void The_first_frame_at_its_version_decides()
    {
        Assert.Equal(AppendOutcome.Accepted, Judge(WriterHarness.Frame(1, 3)));
        Assert.Equal(AppendOutcome.Rejected, Judge(WriterHarness.Frame(2, 3)));
        Assert.Equal(AppendOutcome.Rejected, Judge(WriterHarness.Frame(2, 3, count: 9)));
    }

    [Fact]
    public void Its_own_id_at_another_version_decides_nothing()
    {
        Assert.Equal(AppendOutcome.Undecided, Judge(WriterHarness.Frame(1, 2)));
        Assert.Equal(AppendOutcome.Undecided, Judge(WriterHarness.Frame(1, 4)));
    }

    [Fact]
    public void Other_streams_and_barriers_decide_nothing()
    {
        Assert.Equal(AppendOutcome.Undecided, Judge(WriterHarness.Frame(1, 3) with { Stream = new StreamKey(2) }));
        Assert.Equal(AppendOutcome.Undecided, Judge(WriterHarness.Frame(1, 3, count: 0)));
    }

    private static AppendOutcome Judge(FrameHeader frame) => PendingRule.Judge(frame, Pending, firstVersion: 3);
}
