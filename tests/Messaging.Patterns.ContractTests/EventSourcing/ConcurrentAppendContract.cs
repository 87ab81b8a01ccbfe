using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.ContractTests.EventSourcing;

/// <summary>Appending from many callers and both instances at the same time, with some who give up.</summary>
[ContractOf(typeof(IEventWriter))]
public abstract class ConcurrentAppendContract(Instances instances) : EventStoreContract(instances)
{
    private const int Callers = 32;

    [Fact]
    public async Task Of_those_who_expect_the_same_version_exactly_one_is_accepted()
    {
        var stream = NewStream();

        for (var version = 0; version < 5; version++)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => TryAsync(stream, ExpectedVersion.Exactly(version), caller)));

            Assert.Equal(version + 1, Assert.Single(results, result => result.Version > 0).Version);
            Assert.All(results.Where(result => result.Version == 0), result => Assert.True(result.Conflict!.Actual > version));
        }

        AssertGapless(await ReadAsync(stream));
    }

    [Fact]
    public async Task Those_who_expect_any_version_are_all_accepted_each_at_the_version_it_was_told()
    {
        var stream = NewStream();

        var results = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => TryAsync(stream, ExpectedVersion.Any, caller)));

        var events = await ReadAsync(stream);
        AssertGapless(events);
        Assert.Equal(Callers, events.Count);
        Assert.All(results, result => Assert.Equal(new Charged(result.Caller), events[(int)result.Version - 1].Payload));
    }

    [Fact]
    public async Task Events_of_one_append_stay_together_between_those_of_others()
    {
        const int Size = 3;
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller =>
            StoreOf(caller).AppendAsync(stream, ExpectedVersion.Exists, Charges(Size, from: caller * Size), cancellationToken: Cancellation).AsTask()));

        var events = await ReadAsync(stream);
        AssertGapless(events);
        var blocks = events.Skip(1).Select(recorded => ((Charged)recorded.Payload).Amount).Chunk(Size).ToList();
        Assert.All(blocks, block => Assert.Equal(Enumerable.Range(block[0], Size), block));
        Assert.Equal(Enumerable.Range(0, Callers), blocks.Select(block => block[0] / Size).Order());
    }

    [Fact]
    public async Task Streams_do_not_disturb_each_other()
    {
        var streams = Enumerable.Range(0, Callers).Select(_ => NewStream()).ToList();

        await Task.WhenAll(streams.Select(async (stream, caller) =>
        {
            for (var version = 0; version < 10; version++)
            {
                await StoreOf(caller + version).AppendAsync(stream, ExpectedVersion.Exactly(version), Charges(1, from: version), cancellationToken: Cancellation);
            }
        }));

        foreach (var stream in streams)
        {
            Assert.Equal(Enumerable.Range(0, 10).Select(amount => new Charged(amount)), (await ReadAsync(stream)).Select(recorded => recorded.Payload));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_gives_up_is_told_the_truth_or_learns_it_by_resolving(bool byCancelling)
    {
        var stream = NewStream();

        var told = await Task.WhenAll(Enumerable.Range(0, 2 * Callers).Select(caller => GiveUpAsync(stream, caller, byCancelling)));

        // Whatever was in doubt is settled by now, so this is the last word.
        var events = await ReadAsync(Other, stream, Strong);
        AssertGapless(events);
        Assert.All(told, one =>
        {
            var recorded = events.SingleOrDefault(recorded => recorded.Payload.Equals(new Charged(one.Caller)));
            Assert.Equal(one.Version, recorded?.Version ?? 0);
        });
    }

    private IEventStore StoreOf(int caller) => caller % 2 == 0 ? Store : Other;

    private async Task<(int Caller, long Version, StreamConflictException? Conflict)> TryAsync(StreamId stream, ExpectedVersion expected, int caller)
    {
        try
        {
            return (caller, (await StoreOf(caller).AppendAsync(stream, expected, Charges(1, from: caller), cancellationToken: Cancellation)).Version, null);
        }
        catch (StreamConflictException conflict)
        {
            return (caller, 0, conflict);
        }
    }

    /// <summary>Appends, gives up at some moment, and returns the version in the end, 0 for not written.</summary>
    private async Task<(int Caller, long Version)> GiveUpAsync(StreamId stream, int caller, bool byCancelling)
    {
        var patience = TimeSpan.FromTicks(caller * TimeSpan.TicksPerMillisecond / 4);
        using var cancelling = new CancellationTokenSource();
        var options = byCancelling ? null : new AppendOptions { Timeout = patience };

        try
        {
            var append = StoreOf(caller).AppendAsync(stream, ExpectedVersion.Any, Charges(1, from: caller), options, cancelling.Token).AsTask();

            if (byCancelling)
            {
                cancelling.CancelAfter(patience);
            }

            return (caller, (await append).Version);
        }
        catch (AppendOutcomeUnknownException unknown)
        {
            var resolution = await StoreOf(caller + 1).ResolveAsync(unknown.Pending, Cancellation);
            Assert.NotEqual(AppendOutcome.Undecided, resolution.Outcome);
            return (caller, resolution.Result?.Version ?? 0);
        }
        catch (Exception exception) when (exception is OperationCanceledException || exception is MessagingException { IsTransient: true })
        {
            Assert.Equal(byCancelling, exception is OperationCanceledException);
            return (caller, 0);
        }
    }
}
