using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.ContractTests.EventSourcing;

/// <summary>Appending again with the same append id, and settling appends that are in doubt.</summary>
[ContractOf(typeof(IEventWriter))]
public abstract class RepeatedAppendContract(Instances instances) : EventStoreContract(instances)
{
    /// <summary>Gets whether the store knows append ids only within its window.</summary>
    protected virtual bool ForgetsAppends => true;

    [Fact]
    public async Task A_repeated_append_answers_the_first_result_and_writes_nothing()
    {
        var (stream, options) = (NewStream(), NewId());
        var first = await Store.AppendAsync(stream, ExpectedVersion.NoStream, Charges(2), options, Cancellation);
        await AppendAsync(stream, ExpectedVersion.Exactly(2), Charges(1));

        foreach (var expected in new[] { ExpectedVersion.NoStream, ExpectedVersion.Any, ExpectedVersion.Exists, ExpectedVersion.Exactly(3), ExpectedVersion.Exactly(9) })
        {
            Assert.Equal(first, await Store.AppendAsync(stream, expected, Charges(2), options, Cancellation));
        }

        Assert.Equal(3, (await ReadAsync(stream)).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_instance_answers_the_first_result_too(bool isExact)
    {
        var expected = isExact ? ExpectedVersion.NoStream : ExpectedVersion.Any;

        for (var round = 0; round < 10; round++)
        {
            var (stream, options) = (NewStream(), NewId());
            var first = await Store.AppendAsync(stream, expected, Charges(2), options, Cancellation);

            Assert.Equal(first, await Other.AppendAsync(stream, expected, Charges(2), options, Cancellation));
            Assert.Equal(2, (await ReadAsync(stream)).Count);
        }
    }

    [Fact]
    public async Task Repetitions_at_the_same_time_append_once()
    {
        var (stream, options) = (NewStream(), NewId());

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(caller =>
            (caller % 2 == 0 ? Store : Other).AppendAsync(stream, ExpectedVersion.Any, Charges(1), options, Cancellation).AsTask()));

        Assert.Single(results.Distinct());
        Assert.Single(await ReadAsync(stream));
    }

    [Fact]
    public async Task An_append_id_counts_within_its_stream()
    {
        var (first, second, options) = (NewStream(), NewStream(), NewId());

        await Store.AppendAsync(first, ExpectedVersion.NoStream, Charges(1), options, Cancellation);
        await Store.AppendAsync(second, ExpectedVersion.NoStream, Charges(1), options, Cancellation);

        Assert.Single(await ReadAsync(first));
        Assert.Single(await ReadAsync(second));
    }

    [Fact]
    public async Task Appends_without_id_are_never_repetitions()
    {
        var stream = NewStream();

        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));
        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));

        Assert.Equal(2, (await ReadAsync(stream)).Select(recorded => recorded.Id).Distinct().Count());
    }

    [Fact]
    public async Task An_append_that_met_a_conflict_may_be_made_again_with_its_id()
    {
        var (stream, options) = (NewStream(), NewId());
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));
        await Assert.ThrowsAsync<StreamConflictException>(() => Store.AppendAsync(stream, ExpectedVersion.NoStream, Charges(1), options, Cancellation).AsTask());

        var result = await Store.AppendAsync(stream, ExpectedVersion.Exactly(1), Charges(1), options, Cancellation);

        Assert.Equal(2, result.Version);
    }

    [Fact]
    public async Task An_append_that_left_the_window_is_appended_again_unless_the_store_forgets_none()
    {
        var (stream, options) = (NewStream(), NewId());
        await Store.AppendAsync(stream, ExpectedVersion.Any, Charges(1), options, Cancellation);

        // One stream lies in one partition, so these are newer in its window.
        await Task.WhenAll(Enumerable.Range(0, ContractEvents.AppendIdWindow - 1).Select(_ => AppendAsync(stream, ExpectedVersion.Any, Charges(1)).AsTask()));
        Assert.Equal(1, (await Store.AppendAsync(stream, ExpectedVersion.Any, Charges(1), options, Cancellation)).Version);
        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));

        Assert.Equal(ForgetsAppends ? ContractEvents.AppendIdWindow + 2 : 1, (await Store.AppendAsync(stream, ExpectedVersion.Any, Charges(1), options, Cancellation)).Version);
    }

    [Fact]
    public async Task An_accepted_append_resolves_to_its_result_as_often_as_it_is_asked_and_wherever()
    {
        var (stream, options) = (NewStream(), NewId());
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));
        var result = await Store.AppendAsync(stream, ExpectedVersion.Exactly(1), Charges(2), options, Cancellation);

        foreach (var store in new[] { Store, Store, Other })
        {
            Assert.Equal(AppendResolution.Accepted(result), await store.ResolveAsync(Pending(stream, options.Id, firstVersion: 2, count: 2), Cancellation));
        }

        Assert.Equal(3, (await ReadAsync(stream)).Count);
    }

    [Fact]
    public async Task An_append_whose_version_another_has_resolves_to_rejected()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));
        await AppendAsync(stream, ExpectedVersion.Exactly(1), Charges(3));

        Assert.Equal(AppendResolution.Rejected, await Store.ResolveAsync(Pending(stream, NewId().Id, firstVersion: 1, count: 1), Cancellation));
        Assert.Equal(AppendResolution.Rejected, await Other.ResolveAsync(Pending(stream, NewId().Id, firstVersion: 2, count: 9), Cancellation));
    }

    [Fact]
    public async Task An_append_without_its_frame_stays_undecided_while_nobody_has_its_version()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));

        Assert.Equal(AppendResolution.Undecided, await Store.ResolveAsync(Pending(stream, NewId().Id, firstVersion: 2, count: 1), Cancellation));

        Assert.Single(await ReadAsync(stream));
    }

    [Fact]
    public async Task A_pending_append_is_needed_and_its_frame_must_be_one()
    {
        await Assert.ThrowsAsync<ArgumentNullException>("pending", () => Store.ResolveAsync(null!, Cancellation).AsTask());
        var foreign = Pending(NewStream(), NewId().Id, firstVersion: 1, count: 1) with { Frame = "no frame"u8.ToArray() };
        await Assert.ThrowsAsync<ArgumentException>("pending", () => Store.ResolveAsync(foreign, Cancellation).AsTask());
    }

    private static AppendOptions NewId() => new() { Id = AppendId.New() };

    private static PendingAppend Pending(StreamId stream, AppendId id, long firstVersion, int count) =>
        new() { Stream = stream, Id = id, FirstVersion = firstVersion, Count = count, Base = Position.Start };
}
