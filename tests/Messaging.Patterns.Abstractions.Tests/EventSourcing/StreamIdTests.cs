using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Abstractions.Tests.EventSourcing;

public sealed class StreamIdTests
{
    [Theory]
    [InlineData("account", "42", "account-42")]
    [InlineData("a", "b-c-d", "a-b-c-d")]
    [InlineData("a", "-", "a--")]
    [InlineData("größe", "東京/\U0001F680", "größe-東京/\U0001F680")]
    [InlineData("a.b_c", "x@y,z:1", "a.b_c-x@y,z:1")]
    public void Category_and_id_make_a_text_that_is_parsed_again(string category, string id, string text)
    {
        var stream = new StreamId(category, id);

        Assert.Equal(text, stream.ToString());
        Assert.Equal(stream, StreamId.Parse(text));
        Assert.True(StreamId.TryParse(text, out var parsed));
        Assert.Equal((category, id), (parsed.Category, parsed.Id));
        Assert.Equal(stream.GetHashCode(), parsed.GetHashCode());
    }

    [Theory]
    [InlineData("", "42", "category", "the category before the first '-' is empty.")]
    [InlineData("a-b", "42", "category", "the category must not contain '-', which separates it from the id.")]
    [InlineData("a b", "42", "category", "U+0020 is not allowed (white space, control character or broken text).")]
    [InlineData("a", "", "id", "the id after the first '-' is empty.")]
    [InlineData("a", "4\n2", "id", "U+000A is not allowed (white space, control character or broken text).")]
    [InlineData("a", "4\u00A02", "id", "U+00A0 is not allowed (white space, control character or broken text).")]
    [InlineData("a", "4\u00002", "id", "U+0000 is not allowed (white space, control character or broken text).")]
    public void A_broken_rule_is_named_with_the_part_that_breaks_it(string category, string id, string part, string fault)
    {
        var refused = Assert.Throws<ArgumentException>(part, () => new StreamId(category, id));

        Assert.StartsWith($"'{category}-{id}' is not a valid stream id: {fault}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_letter_is_not_allowed() =>
        Assert.Contains("U+FFFD is not allowed", Assert.Throws<ArgumentException>("id", () => new StreamId("a", "\uD83D")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "it needs a '-' between category and id, as in 'account-42'.")]
    [InlineData("account", "it needs a '-' between category and id, as in 'account-42'.")]
    [InlineData("-42", "the category before the first '-' is empty.")]
    [InlineData("account-", "the id after the first '-' is empty.")]
    [InlineData("account-4 2", "U+0020 is not allowed (white space, control character or broken text).")]
    public void A_text_that_is_no_stream_id_is_refused_with_the_reason(string text, string fault)
    {
        Assert.Equal($"'{text}' is not a valid stream id: {fault}", Assert.Throws<FormatException>(() => StreamId.Parse(text)).Message);
        Assert.False(StreamId.TryParse(text, out var stream));
        Assert.Null(stream);
    }

    [Fact]
    public void The_limit_counts_bytes_of_UTF_8()
    {
        Assert.NotNull(new StreamId("a", new string('x', 510)));
        Assert.NotNull(new StreamId("a", new string('ä', 255)));
        Assert.EndsWith(
            "it takes 513 bytes of UTF-8; at most 512 are allowed. (Parameter 'id')",
            Assert.Throws<ArgumentException>(() => new StreamId("ä", new string('ä', 255))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("category", () => new StreamId(new string('x', 512), "1"));
    }

    [Fact]
    public void Nothing_is_no_stream_id()
    {
        Assert.False(StreamId.TryParse(null, out _));
        Assert.Throws<ArgumentNullException>(() => StreamId.Parse(null!));
        Assert.Throws<ArgumentNullException>("category", () => new StreamId(null!, "1"));
        Assert.Throws<ArgumentNullException>("id", () => new StreamId("a", null!));
    }

    [Fact]
    public void Comparison_is_ordinal()
    {
        Assert.NotEqual(new StreamId("a", "x"), new StreamId("A", "x"));
        Assert.NotEqual(new StreamId("a", "\u00E4"), new StreamId("a", "a\u0308"));
        Assert.Equal(new StreamId("a", "b-c"), StreamId.Parse("a-b-c"));
    }

    [Fact]
    public void Frameworks_can_parse_it_too()
    {
        Assert.Equal(new StreamId("a", "1"), Parse<StreamId>("a-1"));
        Assert.Throws<FormatException>(() => Parse<StreamId>("a"));
    }

    private static T Parse<T>(string text)
        where T : IParsable<T> => T.Parse(text, null);
}
