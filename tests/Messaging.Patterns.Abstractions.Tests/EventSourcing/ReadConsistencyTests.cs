using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Abstractions.Tests.EventSourcing;

public sealed class ReadConsistencyTests
{
    [Fact]
    public void The_default_waits_for_nothing()
    {
        Assert.Equal(ReadConsistency.Local, default);
        Assert.Equal((false, null), (ReadConsistency.Local.IsStrong, ReadConsistency.Local.Position));
    }

    [Fact]
    public void A_session_waits_for_its_position()
    {
        var session = ReadConsistency.Session(Position.At("a", 7));

        Assert.Equal((false, Position.At("a", 7)), (session.IsStrong, session.Position));
        Assert.Equal(session, ReadConsistency.Session(Position.At("a", 7)));
        Assert.NotEqual(session, ReadConsistency.Session(Position.At("a", 8)));
        Assert.Throws<ArgumentNullException>("position", () => ReadConsistency.Session(null!));
    }

    [Fact]
    public void A_strong_read_waits_for_the_end() =>
        Assert.Equal((true, false, null), (ReadConsistency.Strong.IsStrong, ReadConsistency.Strong.IsLinearizable, ReadConsistency.Strong.Position));

    [Fact]
    public void A_linearizable_read_is_a_strong_one_and_more()
    {
        Assert.Equal((true, true, null), (ReadConsistency.Linearizable.IsStrong, ReadConsistency.Linearizable.IsLinearizable, ReadConsistency.Linearizable.Position));
        Assert.NotEqual(ReadConsistency.Strong, ReadConsistency.Linearizable);
    }
}
