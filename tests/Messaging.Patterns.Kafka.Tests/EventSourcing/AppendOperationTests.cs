using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing;

/// <summary>The array that holds the bytes of a frame is used for another one only when nobody can be building from it.</summary>
public sealed class AppendOperationTests
{
    private static readonly StreamId Account = new("account", "42");
    private static readonly AppendId Id = AppendId.From("append");

    private readonly FrameBodies _bodies = new();
    private readonly byte[] _body;
    private readonly AppendOperation _operation;

    public AppendOperationTests()
    {
        var key = StreamKeys.Of(Account, out _);
        _body = _bodies.Take(100);
        _operation = new AppendOperation(key, Account, Id, ExpectedVersion.Any, new PreparedFrame(_bodies, new(_body, 0, 100), []));
    }

    [Fact]
    public void An_accepted_append_gives_its_bytes_back_when_every_copy_was_reported()
    {
        _operation.CopyBegins();
        _operation.CopyReported();

        Accept();

        Assert.Same(_body, _bodies.Take(100));
        Assert.Null(_operation.BytesOf(1, 0));
    }

    [Fact]
    public void While_a_copy_is_not_reported_its_bytes_stay_as_they_are()
    {
        _operation.CopyBegins();
        _operation.CopyBegins();
        _operation.CopyReported();

        Accept();

        Assert.NotSame(_body, _bodies.Take(100));
    }

    [Fact]
    public void An_append_that_was_not_accepted_keeps_its_bytes_for_whoever_resolves_it()
    {
        _operation.Complete(AppendDecision.Unknown(1, 0));

        Assert.NotSame(_body, _bodies.Take(100));
        Assert.NotNull(_operation.BytesOf(1, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(4_096)]
    [InlineData(4_097)]
    [InlineData(1_000_000)]
    public void An_array_has_room_for_what_was_asked(int bytes)
    {
        var body = _bodies.Take(bytes);
        Assert.InRange(body.Length, bytes, int.MaxValue);

        _bodies.GiveBack(body);

        Assert.Equal(bytes <= 4_096, ReferenceEquals(body, _bodies.Take(bytes)));
    }

    private void Accept() => _operation.Complete(AppendDecision.Accepted(new AcceptedAppend(_operation.Stream, Id, 1, 0)));
}
