using System.Diagnostics;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.ContractTests.EventSourcing;

/// <summary>Reading one stream: where it begins and ends, how fresh it is, and what becomes of payloads.</summary>
[ContractOf(typeof(IEventReader))]
public abstract class StreamReadContract(Instances instances) : EventStoreContract(instances)
{
    /// <summary>Gets whether a read without a consistency is answered by the process itself.</summary>
    protected virtual bool ReadsLocally => true;

    [Fact]
    public async Task A_stream_without_events_reads_as_nothing()
    {
        Assert.Empty(await ReadAsync(Store, NewStream()));
        await AssertEmptyAsync(NewStream());
    }

    [Theory]
    [InlineData(1, long.MaxValue, 1, 9)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(3, 4, 3, 6)]
    [InlineData(5, long.MaxValue, 5, 9)]
    [InlineData(9, 5, 9, 9)]
    [InlineData(10, 5, 1, 0)]
    [InlineData(long.MaxValue, long.MaxValue, 1, 0)]
    public async Task A_read_begins_and_ends_where_it_is_told_also_within_an_append(long from, long count, int first, int last)
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.Any, Charges(4));
        await AppendAsync(stream, ExpectedVersion.Any, Charges(1, from: 5));
        await AppendAsync(stream, ExpectedVersion.Any, Charges(4, from: 6));

        var events = await ReadAsync(Store, stream, Strong with { FromVersion = from, MaxCount = count });

        Assert.Equal(Enumerable.Range(first, last - first + 1).Select(version => (long)version), events.Select(recorded => recorded.Version));
        Assert.All(events, recorded => Assert.Equal(new Charged((int)recorded.Version), recorded.Payload));
    }

    [Fact]
    public async Task Events_have_the_trace_that_their_append_was_part_of_and_no_metadata_of_it()
    {
        var stream = NewStream();
        using var caller = new Activity("request") { ActivityTraceFlags = ActivityTraceFlags.Recorded, TraceStateString = "vendor=opaque" }.SetIdFormat(ActivityIdFormat.W3C).Start();
        await AppendAsync(stream, ExpectedVersion.NoStream, new EventData(new Charged(1)) { Metadata = new Dictionary<string, string> { ["tenant"] = "7" } }, new EventData(new Charged(2)));
        caller.Stop();
        Activity.Current = null;
        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));

        var events = await ReadAsync(stream);

        Assert.All(events[..2], recorded => Assert.Equal(
            (caller.TraceId, ActivityTraceFlags.Recorded, "vendor=opaque"), (recorded.Trace.TraceId, recorded.Trace.TraceFlags, recorded.Trace.TraceState)));
        Assert.NotEqual(default, events[0].Trace.SpanId);
        Assert.Equal(default, events[2].Trace.TraceId);
        Assert.Equal([1, 0, 0], events.Select(recorded => recorded.Metadata.Count));
    }

    [Fact]
    public async Task A_long_stream_is_read_whole_and_in_order()
    {
        var stream = NewStream();

        // One after the other on its way to the brokers, all from now on: on a busy machine the last one waits longer than the default allows.
        var patient = new AppendOptions { Timeout = TimeSpan.FromMinutes(5) };
        await Task.WhenAll(Enumerable.Range(0, 700).Select(append => Store.AppendAsync(stream, ExpectedVersion.Any, Charges(1 + (append % 2)), patient, Cancellation).AsTask()));

        var events = await ReadAsync(stream);

        Assert.Equal(1050, events.Count);
        AssertGapless(events);
        var page = await ReadAsync(Store, stream, Strong with { FromVersion = 641, MaxCount = 260 });
        Assert.Equal(events[640..900].Select(recorded => (recorded.Version, recorded.Id, recorded.Payload)), page.Select(recorded => (recorded.Version, recorded.Id, recorded.Payload)));
    }

    [Fact]
    public async Task A_session_read_sees_the_append_whose_position_it_is_given_at_every_instance()
    {
        var stream = NewStream();

        for (var version = 1; version <= 20; version++)
        {
            var written = await AppendAsync(stream, ExpectedVersion.Any, Charges(1));
            var session = new StreamReadOptions { Consistency = ReadConsistency.Session(written.Position) };

            Assert.Equal(version, (await ReadAsync(Other, stream, session)).Count);
            Assert.Equal(version, (await ReadAsync(Store, stream, session)).Count);
        }
    }

    [Fact]
    public async Task A_session_read_waits_for_several_writes_by_their_merged_positions()
    {
        var streams = Enumerable.Range(0, 8).Select(_ => NewStream()).ToList();
        var results = await Task.WhenAll(streams.Select(stream => AppendAsync(stream, ExpectedVersion.NoStream, Charges(1)).AsTask()));
        var merged = results.Aggregate(Position.Start, (position, result) => position.Merge(result.Position));

        foreach (var stream in streams)
        {
            Assert.Single(await ReadAsync(Other, stream, new() { Consistency = ReadConsistency.Session(merged) }));
        }
    }

    [Fact]
    public async Task A_strong_read_sees_what_any_instance_appended_before_it_began()
    {
        var stream = NewStream();

        for (var version = 1; version <= 20; version++)
        {
            await AppendAsync(stream, ExpectedVersion.Any, Charges(1));

            Assert.Equal(version, (await ReadAsync(Other, stream, Strong)).Count);
        }
    }

    [Fact]
    public async Task A_linearizable_read_sees_what_any_instance_appended_before_it_began()
    {
        var stream = NewStream();
        Assert.Empty(await ReadAsync(Other, stream, Linearizable));

        for (var version = 1; version <= 20; version++)
        {
            await AppendAsync(stream, ExpectedVersion.Any, Charges(1));

            Assert.Equal(version, (await ReadAsync(Other, stream, Linearizable)).Count);
        }
    }

    [Fact]
    public async Task Linearizable_reads_at_the_same_time_each_see_what_was_appended_before_they_began()
    {
        var streams = Enumerable.Range(0, 4).Select(_ => NewStream()).ToList();

        for (var version = 1; version <= 5; version++)
        {
            await Task.WhenAll(streams.Select(stream => AppendAsync(stream, ExpectedVersion.Any, Charges(1)).AsTask()));
            var reads = streams.SelectMany(stream => Enumerable.Range(0, 20).Select(read => ReadAsync(read % 2 == 0 ? Store : Other, stream, Linearizable).AsTask()));

            Assert.All(await Task.WhenAll(reads), events => Assert.Equal(version, events.Count));
        }
    }

    [Fact]
    public async Task Appends_and_linearizable_reads_go_on_side_by_side()
    {
        var stream = NewStream();

        for (var version = 1; version <= 100; version += 2)
        {
            Assert.Equal(version, (await AppendAsync(stream, ExpectedVersion.Exactly(version - 1), Charges(1))).Version);
            var reading = ReadAsync(Store, stream, Linearizable).AsTask();
            Assert.Equal(version + 1, (await AppendAsync(stream, ExpectedVersion.Exactly(version), Charges(1, from: version + 1))).Version);

            var events = await reading;
            Assert.InRange(events.Count, version, version + 1);
            AssertGapless(events);
        }
    }

    [Fact]
    public async Task A_local_read_never_waits()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));
        await ReadAsync(stream);
        await using var events = Store.ReadStreamAsync(stream, cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);

        var next = events.MoveNextAsync().AsTask();

        Assert.True(next.IsCompletedSuccessfully || !ReadsLocally);
        Assert.True(await next);
    }

    [Fact]
    public async Task A_session_read_that_waits_can_be_cancelled()
    {
        var stream = NewStream();
        var written = await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));
        var part = written.Position.Parts.Single();
        var beyond = new StreamReadOptions { Consistency = ReadConsistency.Session(Position.At(part, written.Position.Next(part) + 1_000_000)) };
        using var cancelling = new CancellationTokenSource();
        var read = Store.ReadStreamAsync(stream, beyond, cancelling.Token).ToListAsync(Cancellation).AsTask();

        Assert.False(read.IsCompleted);
        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task Reads_never_go_back()
    {
        var stream = NewStream();
        var writing = Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Other.AppendAsync(stream, ExpectedVersion.Any, Charges(1), cancellationToken: Cancellation).AsTask()));
        var seen = 0;

        while (seen < 50)
        {
            var events = await ReadAsync(Store, stream);
            AssertGapless(events);
            Assert.True(events.Count >= seen);
            seen = events.Count;
        }

        await writing;
    }

    [Fact]
    public async Task A_read_is_refused_where_its_arguments_make_no_sense()
    {
        await Assert.ThrowsAsync<ArgumentNullException>("stream", () => ReadAsync(Store, null!).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("options", () => ReadAsync(Store, NewStream(), new() { FromVersion = 0 }).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("options", () => ReadAsync(Store, NewStream(), new() { MaxCount = 0 }).AsTask());
    }

    [Fact]
    public async Task A_cancelled_read_ends_also_between_two_events()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));
        await AppendAsync(stream, ExpectedVersion.Exactly(1), Charges(1));
        using var cancelling = new CancellationTokenSource();
        await using var events = Store.ReadStreamAsync(stream, Strong, cancelling.Token).GetAsyncEnumerator(Cancellation);
        Assert.True(await events.MoveNextAsync());

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => events.MoveNextAsync().AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadStreamAsync(stream, Strong, cancelling.Token).ToListAsync(Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadStreamAsync(stream, Linearizable, cancelling.Token).ToListAsync(Cancellation).AsTask());
    }

    [Fact]
    public async Task An_unknown_type_ends_the_read_with_its_name_after_the_events_before_it()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));
        await AppendAsync(stream, ExpectedVersion.Exactly(1), new EventData(new RawEvent("nobody-knows", "{}"u8.ToArray())));
        await using var events = Store.ReadStreamAsync(stream, Strong, Cancellation).GetAsyncEnumerator(Cancellation);

        Assert.True(await events.MoveNextAsync());
        var exception = await Assert.ThrowsAsync<UnknownEventTypeException>(() => events.MoveNextAsync().AsTask());

        Assert.Equal("nobody-knows", exception.Type);
    }

    [Fact]
    public async Task A_raw_read_needs_no_type_and_leaves_payloads_as_they_are_stored()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, new(new Charged(7)), new(new RawEvent("contract-charged-in-cents", "{\"cents\":900}"u8.ToArray())), new(new RawEvent("nobody-knows", "1"u8.ToArray())));

        var payloads = (await ReadAsync(Store, stream, Strong with { Raw = true })).Select(recorded => (RawEvent)recorded.Payload);

        Assert.Equal(
            [("contract-charged", "{\"amount\":7}"), ("contract-charged-in-cents", "{\"cents\":900}"), ("nobody-knows", "1")],
            payloads.Select(raw => (raw.Type, System.Text.Encoding.UTF8.GetString(raw.Data.Span))));
    }

    [Fact]
    public async Task An_older_type_is_upcast_and_still_named_as_it_was_stored()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, new EventData(new RawEvent("contract-charged-in-cents", "{\"cents\":900}"u8.ToArray())));

        var recorded = Assert.Single(await ReadAsync(stream));

        Assert.Equal(("contract-charged-in-cents", new Charged(9)), (recorded.Type, recorded.Payload));
    }
}
