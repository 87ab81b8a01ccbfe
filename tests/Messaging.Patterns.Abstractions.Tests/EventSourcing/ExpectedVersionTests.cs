using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Abstractions.Tests.EventSourcing;

public sealed class ExpectedVersionTests
{
    [Fact]
    public void The_default_is_any()
    {
        Assert.Equal(ExpectedVersion.Any, default);
        Assert.All([0, 1, long.MaxValue], actual => Assert.True(default(ExpectedVersion).IsMetBy(actual)));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(long.MaxValue, true)]
    public void A_stream_exists_from_its_first_event_on(long actual, bool exists)
    {
        Assert.Equal(exists, ExpectedVersion.Exists.IsMetBy(actual));
        Assert.Equal(!exists, ExpectedVersion.NoStream.IsMetBy(actual));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(long.MaxValue - 1)]
    public void An_exact_version_is_met_by_itself_alone(long version)
    {
        var expected = ExpectedVersion.Exactly(version);

        Assert.Equal(version, expected.Exact);
        Assert.All([0, 1, 2, long.MaxValue - 1, long.MaxValue], actual => Assert.Equal(actual == version, expected.IsMetBy(actual)));
    }

    [Fact]
    public void Only_exact_versions_are_exact()
    {
        Assert.Null(ExpectedVersion.Any.Exact);
        Assert.Null(ExpectedVersion.Exists.Exact);
        Assert.Equal(0, ExpectedVersion.NoStream.Exact);
        Assert.Equal(ExpectedVersion.NoStream, ExpectedVersion.Exactly(0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_version_that_no_stream_can_have_is_refused(long version) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(version), () => ExpectedVersion.Exactly(version));

    [Fact]
    public void Texts_fit_into_a_sentence() => Assert.Equal(
        ["any version", "an existing stream", "no stream", "version 7"],
        new[] { ExpectedVersion.Any, ExpectedVersion.Exists, ExpectedVersion.NoStream, ExpectedVersion.Exactly(7) }.Select(expected => expected.ToString()));
}
