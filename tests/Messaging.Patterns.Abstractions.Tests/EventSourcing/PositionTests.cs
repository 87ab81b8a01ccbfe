using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Abstractions.Tests.EventSourcing;

/// <summary>Positions are a lattice: merging is the least upper bound of the order that covering is.</summary>
public sealed class PositionTests
{
    private static readonly string[] Parts = ["accounts:0", "accounts:1", "accounts:10", "orders:0", "ä"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Covering_is_a_partial_order(int seed) => ForAll(seed, (a, b, c) =>
    {
        Assert.True(a.Covers(a) && a.Covers(Position.Start));
        Assert.Equal(a.Covers(b) && b.Covers(a), a == b || a.Equals(b));
        Assert.True(!(a.Covers(b) && b.Covers(c)) || a.Covers(c));
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Merging_is_the_least_upper_bound(int seed) => ForAll(seed, (a, b, c) =>
    {
        var merged = a.Merge(b);

        Assert.True(merged.Covers(a) && merged.Covers(b));
        Assert.Equal(c.Covers(a) && c.Covers(b), c.Covers(merged));
        Assert.All(Parts, part => Assert.Equal(Math.Max(a.Next(part), b.Next(part)), merged.Next(part)));
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Merging_asks_for_no_order(int seed) => ForAll(seed, (a, b, c) =>
    {
        Assert.Equal(a, a.Merge(a));
        Assert.Equal(a.Merge(b), b.Merge(a));
        Assert.Equal(a.Merge(b).Merge(c), a.Merge(b.Merge(c)));
        Assert.Equal(a, a.Merge(Position.Start));
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_token_is_parsed_again(int seed) => ForAll(seed, (a, b, _) =>
    {
        Assert.Equal(a, Position.Parse(a.ToString()));
        Assert.Equal(a.ToString(), Position.Parse(a.ToString()).ToString());
        Assert.Equal(a.Equals(b), b.Equals(a));
        Assert.True(!a.Equals(b) || a.GetHashCode() == b.GetHashCode());
    });

    [Fact]
    public void The_token_lists_the_parts_in_ordinal_order()
    {
        var position = Position.At("b:2", 7).Merge(Position.At("a:10", 1_043)).Merge(Position.At("B:0", long.MaxValue));

        Assert.Equal("B:0@9223372036854775807,a:10@1043,b:2@7", position.ToString());
        Assert.Equal(["B:0", "a:10", "b:2"], position.Parts.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_start_covers_nothing()
    {
        Assert.Equal("", Position.Start.ToString());
        Assert.Empty(Position.Start.Parts);
        Assert.Equal(0, Position.Start.Next("a"));
        Assert.Equal(Position.Start, Position.At("a", 0));
        Assert.Equal(Position.Start.GetHashCode(), Position.At("a", 0).GetHashCode());
        Assert.Same(Position.Start, Position.Parse(""));
    }

    [Fact]
    public void A_part_that_is_not_mentioned_is_not_covered()
    {
        var position = Position.At("a", 5);

        Assert.Equal((5, 0), (position.Next("a"), position.Next("b")));
        Assert.False(position.Covers(Position.At("b", 1)));
        Assert.False(position.Covers(Position.At("a", 6)));
        Assert.False(position.Equals(null));
        Assert.False(position.Equals("a@5"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("@5")]
    [InlineData("a@")]
    [InlineData("a@-1")]
    [InlineData("a@+1")]
    [InlineData("a@1.0")]
    [InlineData("a@ 1")]
    [InlineData("a@1,")]
    [InlineData(",a@1")]
    [InlineData("a@1,a@2")]
    [InlineData("a@b@5")]
    [InlineData("a@9223372036854775808")]
    public void A_text_that_is_no_position_is_refused(string text)
    {
        Assert.Equal(
            $"'{text}' is not a position: expected 'part@next' entries separated by commas, as in 'accounts:3@1043'.",
            Assert.Throws<FormatException>(() => Position.Parse(text)).Message);
        Assert.False(Position.TryParse(text, out var position));
        Assert.Null(position);
    }

    [Fact]
    public void Nothing_is_no_position()
    {
        Assert.False(Position.TryParse(null, out _));
        Assert.Throws<ArgumentNullException>(() => Position.Parse(null!));
    }

    [Theory]
    [InlineData("a@b")]
    [InlineData("a,b")]
    public void A_part_that_could_not_be_parsed_again_is_refused(string part) => Assert.StartsWith(
        $"'{part}' cannot name a part of a log: it must not contain '@' and ','.",
        Assert.Throws<ArgumentException>(nameof(part), () => Position.At(part, 1)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_place_needs_a_part_and_an_offset()
    {
        Assert.Throws<ArgumentException>("part", () => Position.At("", 1));
        Assert.Throws<ArgumentOutOfRangeException>("next", () => Position.At("a", -1));
    }

    private static void ForAll(int seed, Action<Position, Position, Position> check)
    {
        var random = new Random(seed);

        for (var round = 0; round < 200; round++)
        {
            check(Draw(random), Draw(random), Draw(random));
        }
    }

    // Few parts and small offsets, so that positions often cover each other, and are often equal.
    private static Position Draw(Random random) => Enumerable.Range(0, random.Next(4))
        .Aggregate(Position.Start, (position, _) => position.Merge(Position.At(Parts[random.Next(Parts.Length)], random.Next(3))));
}
