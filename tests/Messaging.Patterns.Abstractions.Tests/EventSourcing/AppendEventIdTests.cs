using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Abstractions.Tests.EventSourcing;

public sealed class AppendEventIdTests
{
    private static readonly AppendId Id = AppendId.From("5d0d39a5-7c5b-4b0f-9f0b-6d2c1d2f3a4b");

    [Fact]
    public void Events_are_named_after_their_append_and_their_place_in_it()
    {
        Assert.Equal("5d0d39a57c5b4b0f9f0b6d2c1d2f3a4b", Id.ToEventId(0));
        Assert.Equal("5d0d39a57c5b4b0f9f0b6d2c1d2f3a4b-1", Id.ToEventId(1));
    }

    [Theory]
    [InlineData("5d0d39a57c5b4b0f9f0b6d2c1d2f3a4b", true)]
    [InlineData("5d0d39a57c5b4b0f9f0b6d2c1d2f3a4b-12", true)]
    [InlineData("5d0d39a57c5b4b0f9f0b6d2c1d2f3a4c", false)]
    [InlineData("5d0d39a57c5b4b0f9f0b6d2c1d2f3a4b0", false)]
    [InlineData("5d0d39a57c5b4b0f", false)]
    [InlineData("", false)]
    public void An_append_knows_its_events(string eventId, bool expected)
    {
        Assert.Equal(expected, Id.IsSourceOf(eventId));
    }
}
