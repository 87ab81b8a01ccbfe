using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Tests.EventSourcing;

/// <summary>Reading, deciding and appending, where reads may be stale and decisions may be repeated.</summary>
public sealed class DecideTests
{
    private static readonly StreamId Stream = new("counter", "1");
    private static readonly Decider<int> Sum = new(0, (sum, payload) => sum + (int)payload);

    private readonly LaggingEventStore _store = new();

    [Fact]
    public async Task A_decision_is_appended_at_the_version_that_it_saw()
    {
        await AppendAsync(1, 2);

        var result = await DecideAsync(sum => [sum]);

        Assert.Equal([1, 2, 3], _store.Payloads);
        Assert.Equal((3, Position.At("log:0", 3)), (result.Version, result.Position));
    }

    [Fact]
    public async Task A_decision_on_a_stale_read_is_taken_again()
    {
        await AppendAsync(1, 2);
        _store.LocalVersion = 1;

        await DecideAsync(sum => [sum]);

        Assert.Equal([1, 2, 3], _store.Payloads);
    }

    [Fact]
    public async Task A_decision_for_nothing_on_a_stale_read_is_taken_again()
    {
        await AppendAsync(1);
        _store.LocalVersion = 0;

        await DecideAsync(sum => sum == 0 ? [] : [sum + 1]);

        Assert.Equal([1, 2], _store.Payloads);
    }

    [Fact]
    public async Task A_rule_that_says_no_on_a_stale_read_is_asked_again()
    {
        await AppendAsync(1);
        _store.LocalVersion = 0;

        await DecideAsync(sum => sum == 0 ? throw new InvalidOperationException("There is nothing yet.") : [sum + 1]);

        Assert.Equal([1, 2], _store.Payloads);
    }

    [Fact]
    public async Task A_rule_that_says_no_on_the_current_state_is_heard()
    {
        await AppendAsync(1);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => DecideAsync(_ => throw new InvalidOperationException("No.")));

        Assert.Equal("No.", exception.Message);
        Assert.Equal([1], _store.Payloads);
    }

    [Fact]
    public async Task A_decision_for_nothing_answers_the_version_that_it_saw()
    {
        await AppendAsync(1, 2);

        var result = await DecideAsync(_ => []);

        Assert.Equal((2, Position.At("log:0", 2)), (result.Version, result.Position));
    }

    [Fact]
    public async Task A_repeated_decision_answers_the_first_result_and_decides_nothing()
    {
        var options = new DecideOptions { Id = AppendId.From("request 1") };
        var first = await DecideAsync(_ => [1, 2], options);
        await AppendAsync(7);

        var second = await DecideAsync(_ => throw new InvalidOperationException("It must not be asked."), options);

        Assert.Equal(first, second);
        Assert.Equal([1, 2, 7], _store.Payloads);
    }

    [Fact]
    public async Task A_decision_repeated_on_a_stale_read_answers_the_first_result()
    {
        var options = new DecideOptions { Id = AppendId.From("request 1") };
        var first = await DecideAsync(sum => [sum + 1], options);
        _store.LocalVersion = 0;

        var second = await DecideAsync(sum => [sum + 1], options);

        Assert.Equal(first, second);
        Assert.Equal([1], _store.Payloads);
    }

    [Fact]
    public async Task Conflicts_at_every_attempt_are_reported()
    {
        var options = new DecideOptions { MaxAttempts = 3 };
        var attempts = 0;

        await Assert.ThrowsAsync<StreamConflictException>(() => _store.DecideAsync(
            Stream,
            Sum,
            async (_, cancellationToken) =>
            {
                attempts++;
                await _store.AppendAsync(Stream, ExpectedVersion.Any, [new EventData(100)], null, cancellationToken);
                return [1];
            },
            options,
            TestContext.Current.CancellationToken));

        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Another_attempt_reads_only_what_came_since_and_sees_the_conflict()
    {
        await AppendAsync(1, 2);
        _store.Calls.Clear();
        var first = true;

        await _store.DecideAsync(
            Stream,
            Sum,
            async (sum, cancellationToken) =>
            {
                if (first)
                {
                    first = false;
                    await _store.AppendAsync(Stream, ExpectedVersion.Any, [new EventData(10)], new AppendOptions(), cancellationToken);
                }

                return [sum];
            },
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([1, 2, 10, 13], _store.Payloads);
        Assert.Equal(
            [
                new StreamReadOptions(),
                new StreamReadOptions { FromVersion = 3, Consistency = ReadConsistency.Session(Position.At("log:0", 3)) },
            ],
            _store.Calls.OfType<StreamReadOptions>());
    }

    [Fact]
    public async Task Id_time_limit_and_first_read_are_the_callers()
    {
        var options = new DecideOptions { Id = AppendId.From("request"), Timeout = TimeSpan.FromSeconds(3), Consistency = ReadConsistency.Strong };

        await DecideAsync(_ => [1], options);

        Assert.Equal(
            [new StreamReadOptions { Consistency = ReadConsistency.Strong }, new AppendOptions { Id = AppendId.From("request"), Timeout = TimeSpan.FromSeconds(3) }],
            _store.Calls);
    }

    [Fact]
    public async Task Metadata_is_that_of_the_decision_unless_the_event_has_its_own()
    {
        var (common, own) = (new Dictionary<string, string> { ["user"] = "ada" }, new Dictionary<string, string> { ["user"] = "bob" });

        await DecideAsync(_ => [1, new EventData(2) { Metadata = own }, new EventData(3)], new DecideOptions { Metadata = common });

        Assert.Equal(["ada", "bob", null], _store.Events.Select(recorded => recorded.Metadata.GetValueOrDefault("user")));
    }

    [Fact]
    public async Task At_least_one_attempt_is_needed()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("options", () => DecideAsync(_ => [1], new DecideOptions { MaxAttempts = 0 }));
        await Assert.ThrowsAsync<ArgumentNullException>("decide", () => DecideAsync(null!));
    }

    [Fact]
    public async Task A_decision_can_be_cancelled_before_anything_is_written()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.DecideAsync(Stream, Sum, _ => [1], cancellationToken: cancelled.Token));
        Assert.Empty(_store.Payloads);
    }

    private Task<AppendResult> DecideAsync(Func<int, IEnumerable<object>> decide, DecideOptions? options = null) =>
        _store.DecideAsync(Stream, Sum, decide, options, TestContext.Current.CancellationToken);

    private async Task AppendAsync(params int[] values)
    {
        foreach (var value in values)
        {
            await _store.AppendAsync(Stream, ExpectedVersion.Any, [new EventData(value)], null, TestContext.Current.CancellationToken);
        }
    }
}
