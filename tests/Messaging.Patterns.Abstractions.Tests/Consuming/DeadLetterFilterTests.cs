using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Abstractions.Tests.Consuming;

public sealed class DeadLetterFilterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    private readonly DeadLetter _letter = new()
    {
        Id = "0@7",
        Group = "balances",
        Topic = "orders",
        Partition = 3,
        Offset = 42,
        Timestamp = Noon.AddHours(-1),
        Attempts = 4,
        ExceptionType = "System.FormatException",
        ExceptionMessage = "not like this",
        FailedAt = Noon,
    };

    public static IEnumerable<TheoryDataRow<DeadLetterFilter, bool>> Filters() =>
    [
        new(new(), true),
        new(new() { Ids = ["0@6", "0@7"] }, true),
        new(new() { Ids = ["0@6"] }, false),
        new(new() { Topic = "orders" }, true),
        new(new() { Topic = "Orders" }, false),
        new(new() { ExceptionType = "System.FormatException" }, true),
        new(new() { ExceptionType = "FormatException" }, true),
        new(new() { ExceptionType = "Exception" }, false),
        new(new() { From = Noon, Until = Noon.AddTicks(1) }, true),
        new(new() { From = Noon.AddTicks(1) }, false),
        new(new() { Until = Noon }, false),
        new(new() { Where = letter => letter.Attempts > 3 }, true),
        new(new() { Where = letter => letter.Attempts > 4 }, false),
        new(new() { Topic = "orders", ExceptionType = "TimeoutException" }, false),
    ];

    [Theory]
    [MemberData(nameof(Filters), DisableDiscoveryEnumeration = true)]
    public void Every_condition_that_is_set_must_hold(DeadLetterFilter filter, bool matches) => Assert.Equal(matches, filter.Matches(_letter));

    [Fact]
    public void What_was_replayed_is_meant_only_when_it_is_asked_for()
    {
        var replayed = _letter with { ReplayedAt = Noon };

        Assert.False(new DeadLetterFilter().Matches(replayed));
        Assert.True(new DeadLetterFilter { IncludesReplayed = true }.Matches(replayed));
    }
}
