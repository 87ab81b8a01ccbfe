using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Abstractions.Tests.EventSourcing;

public sealed class AppendIdTests
{
    /// <summary>The ids of texts never change: logs hold them, and a repetition is recognised by them.</summary>
    [Theory]
    [InlineData("a", "ca978112ca1b8dcabac231b39a23dc4d")]
    [InlineData("order-7", "df8cf80227ec8237922df0ecd88385c5")]
    [InlineData("/orders\n0198c5a07b1c700080000123456789ab", "391de746928585f0a3a6fc492c869b7e")]
    [InlineData("ä東\U0001F680", "e91abc16644f89a889e36fd87a22cfa9")]
    [InlineData(" ", "36a9e7f1c95b82ffb99743e0c5c4ce95")]
    [InlineData("00000000-0000-0000-0000-000000000000", "12b9377cbe7e8c94a8a70d9d23929523")]
    public void A_text_always_gives_the_same_id(string text, string id)
    {
        Assert.Equal(id, AppendId.From(text).ToString());
        Assert.Equal(8, AppendId.From(text).Value.Version);
    }

    [Theory]
    [InlineData("0198c5a0-7b1c-7000-8000-0123456789ab")]
    [InlineData("0198C5A07B1C700080000123456789AB")]
    [InlineData("{0198c5a0-7b1c-7000-8000-0123456789ab}")]
    [InlineData("(0198c5a0-7b1c-7000-8000-0123456789ab)")]
    public void A_guid_stands_for_itself(string text) => Assert.Equal("0198c5a07b1c700080000123456789ab", AppendId.From(text).ToString());

    [Fact]
    public void An_empty_text_is_refused()
    {
        Assert.Throws<ArgumentException>("text", () => AppendId.From(""));
        Assert.Throws<ArgumentNullException>("text", () => AppendId.From(null!));
    }

    [Fact]
    public void The_default_is_no_id()
    {
        Assert.True(default(AppendId).IsEmpty);
        Assert.False(AppendId.From("a").IsEmpty);
        Assert.True(new AppendOptions().Id.IsEmpty);
    }

    [Fact]
    public void New_ids_differ_and_sort_by_the_clock()
    {
        var (early, late) = (AppendId.New(new FixedClock(1_000)), AppendId.New(new FixedClock(2_000)));

        Assert.NotEqual(AppendId.New(new FixedClock(1_000)), early);
        Assert.Equal(7, early.Value.Version);
        Assert.True(string.CompareOrdinal(early.ToString(), late.ToString()) < 0);
        Assert.False(AppendId.New().IsEmpty);
    }

    private sealed class FixedClock(long milliseconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }
}
