using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.ContractTests.EventSourcing;

/// <summary>Deciding on a stream's state, again when others appended in between.</summary>
[ContractOf(typeof(IEventStore))]
public abstract class DecideContract(Instances instances) : EventStoreContract(instances)
{
    private static readonly Decider<int> Total = new(0, (total, payload) => payload is Charged charged ? total + charged.Amount : total);

    [Fact]
    public async Task The_decision_sees_the_state_and_is_appended_behind_it()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, new(new Opened("Ada")), new(new Charged(3)), new(new Charged(4)));

        var result = await Store.DecideAsync(stream, Total, total => [new Charged(-total), new EventData(new Opened("again")) { Id = "own" }], Fresh(), Cancellation);

        Assert.Equal(5, result.Version);
        var events = await ReadAsync(stream);
        Assert.Equal(new Charged(-7), events[3].Payload);
        Assert.Equal((new Opened("again"), "own"), (events[4].Payload, events[4].Id));
        Assert.Equal(result.Position, events[4].Position);
    }

    [Fact]
    public async Task The_first_decision_of_a_stream_sees_the_initial_state()
    {
        var stream = NewStream();

        var result = await Store.DecideAsync(stream, Total, total => [new Charged(total + 1)], cancellationToken: Cancellation);

        Assert.Equal(1, result.Version);
        Assert.Equal(new Charged(1), Assert.Single(await ReadAsync(stream)).Payload);
    }

    [Fact]
    public async Task Deciding_on_nothing_appends_nothing_and_answers_what_was_seen()
    {
        var stream = NewStream();
        Assert.Equal(new AppendResult(0, Position.Start), await Store.DecideAsync(stream, Total, _ => [], Fresh(), Cancellation));
        var seen = await AppendAsync(stream, ExpectedVersion.NoStream, Charges(2));

        Assert.Equal(seen, await Store.DecideAsync(stream, Total, _ => [], Fresh(), Cancellation));
        Assert.Equal(2, (await ReadAsync(stream)).Count);
    }

    [Fact]
    public async Task When_others_appended_in_between_it_is_decided_anew_on_the_newer_state()
    {
        var (stream, seen) = (NewStream(), new List<int>());
        await AppendAsync(stream, ExpectedVersion.NoStream, new EventData(new Charged(1)));

        var result = await Store.DecideAsync(stream, Total, async (total, cancellation) =>
        {
            seen.Add(total);

            if (seen.Count <= 3)
            {
                await Other.AppendAsync(stream, ExpectedVersion.Any, [new(new Charged(10))], cancellationToken: cancellation);
            }

            return [new Charged(-total)];
        }, Fresh(), Cancellation);

        Assert.Equal([1, 11, 21, 31], seen);
        Assert.Equal(5, result.Version);
        Assert.Equal(new Charged(-31), (await ReadAsync(stream))[^1].Payload);
    }

    [Fact]
    public async Task Decisions_at_the_same_time_lose_no_update()
    {
        const int Callers = 8;
        var (stream, options) = (NewStream(), new DecideOptions { MaxAttempts = 1_000 });

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller =>
            (caller % 2 == 0 ? Store : Other).DecideAsync(stream, Total, total => [new Charged(total == 0 ? 1 : total)], options, Cancellation)));

        // Each doubles what it saw.
        Assert.Equal([1, 1, 2, 4, 8, 16, 32, 64], (await ReadAsync(stream)).Select(recorded => ((Charged)recorded.Payload).Amount));
    }

    [Fact]
    public async Task After_the_last_attempt_the_conflict_is_told()
    {
        var (stream, attempts) = (NewStream(), 0);

        var conflict = await Assert.ThrowsAsync<StreamConflictException>(() => Store.DecideAsync(stream, Total, async (_, cancellation) =>
        {
            attempts++;
            await Other.AppendAsync(stream, ExpectedVersion.Any, Charges(1), cancellationToken: cancellation);
            return [new Opened("never")];
        }, new DecideOptions { MaxAttempts = 3 }, Cancellation));

        Assert.Equal((3, 3L), (attempts, conflict.Actual));
        Assert.All(await ReadAsync(stream), recorded => Assert.IsType<Charged>(recorded.Payload));
    }

    [Fact]
    public async Task Deciding_again_with_the_same_id_appends_once()
    {
        var (stream, options) = (NewStream(), Fresh() with { Id = AppendId.From("order 17") });

        var first = await Store.DecideAsync(stream, Total, total => [new Charged(total + 1)], options, Cancellation);
        var again = await Other.DecideAsync(stream, Total, total => [new Charged(total + 1)], options, Cancellation);

        Assert.Equal(first, again);
        Assert.Single(await ReadAsync(stream));
    }

    [Fact]
    public async Task Metadata_is_given_to_the_events_that_have_none_of_their_own()
    {
        var stream = NewStream();
        var options = new DecideOptions { Metadata = new Dictionary<string, string> { ["correlationid"] = "7" } };

        await Store.DecideAsync(stream, Total, _ => [new Charged(1), new EventData(new Charged(2))], options, Cancellation);

        var events = await ReadAsync(stream);
        Assert.Equal("7", events[0].Metadata["correlationid"]);
        Assert.Empty(events[1].Metadata);
    }

    [Fact]
    public async Task What_the_decision_throws_is_thrown_and_nothing_is_appended()
    {
        var stream = NewStream();

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Store.DecideAsync<int>(stream, Total, _ => throw new InvalidOperationException("refused"), cancellationToken: Cancellation));

        await AssertEmptyAsync(stream);
    }

    [Fact]
    public async Task A_decision_that_is_cancelled_appends_nothing()
    {
        var stream = NewStream();
        using var cancelling = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.DecideAsync(stream, Total, async (_, _) =>
        {
            await cancelling.CancelAsync();
            return [new Charged(1)];
        }, cancellationToken: cancelling.Token));

        await AssertEmptyAsync(stream);
    }

    private static DecideOptions Fresh() => new() { Consistency = ReadConsistency.Strong };
}
