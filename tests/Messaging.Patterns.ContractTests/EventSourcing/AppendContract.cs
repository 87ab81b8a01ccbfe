using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.ContractTests.EventSourcing;

/// <summary>Appending: expectations, conflicts, atomicity, and what an event keeps.</summary>
[ContractOf(typeof(IEventWriter))]
public abstract class AppendContract(Instances instances) : EventStoreContract(instances)
{
    [Fact]
    public async Task A_new_stream_begins_at_version_1()
    {
        var stream = NewStream();

        var result = await AppendAsync(stream, ExpectedVersion.NoStream, new EventData(new Opened("Ada")));

        Assert.Equal(1, result.Version);
        var recorded = Assert.Single(await ReadAsync(stream));
        Assert.Equal((stream, 1L, new Opened("Ada")), (recorded.Stream, recorded.Version, recorded.Payload));
    }

    [Theory]
    [InlineData("any version", 0, true)]
    [InlineData("any version", 2, true)]
    [InlineData("an existing stream", 0, false)]
    [InlineData("an existing stream", 2, true)]
    [InlineData("no stream", 0, true)]
    [InlineData("no stream", 2, false)]
    [InlineData("version 0", 0, true)]
    [InlineData("version 1", 0, false)]
    [InlineData("version 1", 2, false)]
    [InlineData("version 2", 2, true)]
    [InlineData("version 3", 2, false)]
    [InlineData("version 9223372036854775806", 2, false)]
    public async Task An_append_is_accepted_if_and_only_if_the_stream_meets_its_expectation(string expectation, int version, bool isAccepted)
    {
        var (stream, expected) = (NewStream(), Parse(expectation));

        if (version > 0)
        {
            await AppendAsync(stream, ExpectedVersion.NoStream, Charges(version));
        }

        if (isAccepted)
        {
            Assert.Equal(version + 1, (await AppendAsync(stream, expected, Charges(1))).Version);
        }
        else
        {
            var conflict = await Assert.ThrowsAsync<StreamConflictException>(() => AppendAsync(stream, expected, Charges(1)).AsTask());
            Assert.Equal((stream, expected, version, false), (conflict.Stream, conflict.Expected, conflict.Actual, conflict.IsTransient));
        }

        Assert.Equal(isAccepted ? version + 1 : version, (await ReadAsync(stream)).Count);
    }

    [Fact]
    public async Task What_a_conflict_refused_never_appears_later()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, Charges(1));

        await Assert.ThrowsAsync<StreamConflictException>(() => AppendAsync(stream, ExpectedVersion.NoStream, new EventData(new Opened("refused"))).AsTask());
        await Assert.ThrowsAsync<StreamConflictException>(() => AppendAsync(stream, ExpectedVersion.Exactly(2), new EventData(new Opened("refused"))).AsTask());
        await AppendAsync(stream, ExpectedVersion.Exactly(1), Charges(2, from: 2));

        Assert.Equal([new Charged(1), new Charged(2), new Charged(3)], (await ReadAsync(stream)).Select(recorded => recorded.Payload));
    }

    [Fact]
    public async Task A_conflict_names_a_position_at_which_the_actual_version_is_read()
    {
        var stream = NewStream();
        await Other.AppendAsync(stream, ExpectedVersion.NoStream, Charges(3), cancellationToken: Cancellation);

        var conflict = await Assert.ThrowsAsync<StreamConflictException>(() => AppendAsync(stream, ExpectedVersion.NoStream, Charges(1)).AsTask());

        Assert.Equal(3, conflict.Actual);
        foreach (var reader in new[] { Store, Other })
        {
            Assert.Equal(3, (await ReadAsync(reader, stream, new() { Consistency = ReadConsistency.Session(conflict.Position) })).Count);
        }
    }

    [Fact]
    public async Task Events_of_one_append_follow_each_other_and_share_a_position()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));

        var result = await AppendAsync(stream, ExpectedVersion.Exactly(1), Charges(500, from: 2));

        Assert.Equal(501, result.Version);
        var events = await ReadAsync(stream);
        AssertGapless(events);
        Assert.Equal(Enumerable.Range(1, 501), events.Select(recorded => ((Charged)recorded.Payload).Amount));
        Assert.All(events.Skip(1), recorded => Assert.Equal(result.Position, recorded.Position));
        Assert.NotEqual(result.Position, events[0].Position);
    }

    [Fact]
    public async Task Events_carry_the_id_of_their_append_whatever_ids_of_their_own_they_have()
    {
        var (stream, id) = (NewStream(), AppendId.New());
        EventData[] events = [new(new Charged(1)) { Id = "my own" }, new(new Charged(2))];

        await Store.AppendAsync(stream, ExpectedVersion.Any, events, new() { Id = id }, Cancellation);

        Assert.Equal([("my own", id), ($"{id}-1", id)], (await ReadAsync(stream)).Select(recorded => (recorded.Id, recorded.AppendId)));
        Assert.Equal(id, Assert.Single(await ReadAsync(Store, stream, Strong with { FromVersion = 2 })).AppendId);
    }

    [Fact]
    public async Task An_append_of_which_one_event_is_refused_writes_none()
    {
        var stream = NewStream();

        await Assert.ThrowsAnyAsync<MessagingException>(() => AppendAsync(stream, ExpectedVersion.Any, new(new Charged(1)), new(new Unregistered(2)), new(new Charged(3))).AsTask());

        await AssertEmptyAsync(stream);
    }

    [Fact]
    public async Task Positions_of_a_stream_cover_the_earlier_ones()
    {
        var stream = NewStream();
        var earlier = await AppendAsync(stream, ExpectedVersion.Any, Charges(1));

        var later = await AppendAsync(stream, ExpectedVersion.Any, Charges(1));

        Assert.True(later.Position.Covers(earlier.Position));
        Assert.False(earlier.Position.Covers(later.Position));
        Assert.Equal(later.Position, Position.Parse(later.Position.ToString()));
    }

    [Fact]
    public async Task An_event_keeps_its_id_time_and_metadata()
    {
        var stream = NewStream();
        var time = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.FromHours(9)).AddTicks(1234567);
        var metadata = new Dictionary<string, string> { ["correlationid"] = "c \"1\" ü", ["a"] = "1", ["abcdefghijklmnopqrst"] = "" };

        await AppendAsync(stream, ExpectedVersion.Any, new EventData(new Charged(1)) { Id = "my own id/1", Time = time, Metadata = metadata });

        var recorded = Assert.Single(await ReadAsync(stream));
        Assert.Equal(("my own id/1", time, "contract-charged"), (recorded.Id, recorded.Time, recorded.Type));
        Assert.Equal(metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal), recorded.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_event_without_id_and_time_gets_one_from_the_append_and_the_time_of_the_call()
    {
        var (stream, id, before) = (NewStream(), AppendId.From("request 1"), DateTimeOffset.UtcNow);

        await Store.AppendAsync(stream, ExpectedVersion.Any, Charges(3), new AppendOptions { Id = id }, Cancellation);

        var events = await ReadAsync(stream);
        Assert.Equal([$"{id}", $"{id}-1", $"{id}-2"], events.Select(recorded => recorded.Id));
        Assert.All(events, recorded => Assert.InRange(recorded.Time, before, DateTimeOffset.UtcNow));
        Assert.All(events, recorded => Assert.Empty(recorded.Metadata));
    }

    [Fact]
    public async Task A_raw_event_is_stored_as_it_is()
    {
        var stream = NewStream();
        RawEvent[] raw =
        [
            new("foreign", "{ \"a\" : [1, \"ü\"] }"u8.ToArray()),
            new("text", "\"text\""u8.ToArray(), "application/vnd.foreign+json; charset=utf-8"),
            new("binary", new byte[] { 0, 255, 128 }, "application/octet-stream"),
            new("empty", default, "application/octet-stream"),
        ];

        await AppendAsync(stream, ExpectedVersion.Any, [.. raw.Select(one => new EventData(one))]);

        var events = await ReadAsync(Store, stream, Strong with { Raw = true });
        Assert.Equal(raw.Select(Describe), events.Select(recorded => Describe((RawEvent)recorded.Payload)));
        Assert.Equal(raw.Select(one => one.Type), events.Select(recorded => recorded.Type));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("a-b-c")]
    [InlineData("a/b?c#d%20")]
    [InlineData("日本\"\\'")]
    [InlineData("UPPER")]
    [InlineData("upper")]
    public async Task A_stream_has_the_events_of_its_own_id_alone(string id)
    {
        var suffix = Guid.NewGuid().ToString("N");
        var (stream, neighbour) = (new StreamId(ContractEvents.Category, id + suffix), new StreamId(ContractEvents.Category, id + suffix + "0"));

        await AppendAsync(neighbour, ExpectedVersion.NoStream, Charges(2));
        await AppendAsync(stream, ExpectedVersion.NoStream, new EventData(new Opened(id)));

        Assert.Equal((stream, new Opened(id)), (await ReadAsync(stream)).Select(recorded => (recorded.Stream, recorded.Payload)).Single());
    }

    private static string Describe(RawEvent raw) => $"{raw.Type} {raw.ContentType} {Convert.ToHexString(raw.Data.Span)}";

    private static ExpectedVersion Parse(string expectation) => expectation switch
    {
        "any version" => ExpectedVersion.Any,
        "an existing stream" => ExpectedVersion.Exists,
        "no stream" => ExpectedVersion.NoStream,
        _ => ExpectedVersion.Exactly(long.Parse(expectation["version ".Length..], System.Globalization.CultureInfo.InvariantCulture)),
    };
}
