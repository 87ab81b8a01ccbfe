using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.IntegrationTests.EventSourcing.Invariants;

/// <summary>The invariants of the append protocol, each judged on a history made on real brokers that were killed and paused.</summary>
[Collection(KillsNodes.Name)]
public sealed class InvariantTests(HistoryRun run) : IClassFixture<HistoryRun>
{
    [Fact]
    public async Task Invariant_1_every_success_is_accepted_exactly_once_at_the_reported_version_and_position()
    {
        var history = await run.GetAsync();
        var frames = Frames(history);

        foreach (var call in history.Calls.Where(call => call.Outcome == CallOutcome.Accepted))
        {
            var frame = Assert.Single(frames[(call.Stream, call.Id.ToString())]);
            Assert.Equal((call.Result!.Version, call.Text, call.Count), (frame[^1].Version, frame[0].Text, frame.Count));
            Assert.Equal(frame[0].Offset + 1, call.Result.Position.Next(Assert.Single(call.Result.Position.Parts)));
            Assert.EndsWith($":{frame[0].Partition}", Assert.Single(call.Result.Position.Parts), StringComparison.Ordinal);
            Assert.True(call.IsRepeat || call.Expected.IsMetBy(frame[0].Version - 1));
        }
    }

    [Fact]
    public async Task Invariant_2_nothing_reported_as_conflict_or_as_not_written_is_ever_accepted_even_after_late_copies()
    {
        var history = await run.GetAsync();
        var frames = Frames(history);
        Assert.Contains(history.Calls, call => call.Outcome == CallOutcome.Conflict);

        foreach (var call in history.Calls.Where(call => call.Outcome is CallOutcome.Conflict or CallOutcome.NotWritten))
        {
            // A repeat, or an earlier call that is repeated, may be accepted under the same id.
            var isRepeated = history.Calls.Any(other => other != call && other.Id == call.Id);
            Assert.True(isRepeated || !frames[(call.Stream, call.Id.ToString())].Any(), $"'{call.Text}' was answered {call.Outcome}, but is accepted");
        }
    }

    [Fact]
    public async Task Invariant_3_every_unknown_outcome_resolves_to_exactly_one_of_the_two()
    {
        var history = await run.GetAsync();
        var frames = Frames(history);
        var unknown = history.Calls.Where(call => call.Outcome == CallOutcome.Unknown).ToList();
        Assert.NotEmpty(unknown);

        foreach (var call in unknown)
        {
            var isAccepted = frames[(call.Stream, call.Id.ToString())].SingleOrDefault() is { } frame;
            var expected = isAccepted ? AppendOutcome.Accepted : AppendOutcome.Rejected;
            Assert.All(call.Resolutions, resolution => Assert.Equal(expected, resolution.Outcome));
        }
    }

    [Fact]
    public async Task Invariant_4_no_stream_has_gaps_or_repeated_versions()
    {
        var history = await run.GetAsync();

        foreach (var table in history.Tables)
        {
            foreach (var stream in table.GroupBy(accepted => accepted.Stream))
            {
                Assert.Equal(Enumerable.Range(1, stream.Count()).Select(version => (long)version), stream.Select(accepted => accepted.Version));
            }
        }
    }

    [Fact]
    public async Task Invariant_5_all_readers_fresh_or_restored_hold_identical_tables()
    {
        var history = await run.GetAsync();
        var expected = history.Accepted.OrderBy(accepted => accepted.Stream, StringComparer.Ordinal).ThenBy(accepted => accepted.Version).ToList();
        Assert.True(expected.Count > 200);

        Assert.Equal(history.Accepted, history.AcceptedWithCopies);
        Assert.All(history.Tables, table => Assert.Equal(expected, table));
        Assert.All(history.RestoredVersions, version => Assert.Equal(expected.FindAll(accepted => accepted.Stream == version.Key).Count, version.Value));
    }

    [Fact]
    public async Task Invariant_6_reads_are_monotone_and_as_fresh_as_they_were_asked_to_be()
    {
        var history = await run.GetAsync();
        var streams = history.Accepted.ToLookup(accepted => accepted.Stream);

        foreach (var read in history.Reads)
        {
            Assert.Equal(streams[read.Stream].Take(read.Events.Count).Select(accepted => accepted.Text), read.Events.Texts());
        }

        foreach (var reads in history.Reads.GroupBy(read => (read.Client, read.Stream)))
        {
            var lengths = reads.OrderBy(read => read.Started).Select(read => read.Events.Count).ToList();
            Assert.Equal(lengths.Order(), lengths);
        }

        foreach (var call in history.Calls.Where(call => call.Outcome == CallOutcome.Accepted))
        {
            var after = history.Reads.Where(read => read.Stream == call.Stream && read.Started > call.Ended);
            var fresh = after.Where(read => read.Consistency.Position?.Covers(call.Result!.Position) ?? MustBeFresh(history, read));
            Assert.All(fresh, read => Assert.True(read.Events.Count >= call.Result!.Version, $"a read of {read.Stream} missed version {call.Result!.Version}"));
        }
    }

    [Fact]
    public async Task Invariant_7_the_history_of_each_stream_is_linearizable()
    {
        var history = await run.GetAsync();

        foreach (var stream in history.Calls.GroupBy(call => call.Stream))
        {
            // Versions are an order of all appends; it must be one that real time allows.
            var appends = stream.Where(call => call is { Outcome: CallOutcome.Accepted, IsRepeat: false }).OrderBy(call => call.Result!.Version).ToList();
            var latestStart = long.MinValue;

            foreach (var call in appends)
            {
                Assert.True(call.Ended >= latestStart, $"'{call.Text}' had ended before an append of an earlier version began");
                latestStart = Math.Max(latestStart, call.Started);
            }

            // A conflict names a version that the stream had reached by then.
            foreach (var conflict in stream.Where(call => call.Outcome == CallOutcome.Conflict))
            {
                Assert.False(conflict.Expected.IsMetBy(conflict.ActualVersion));
                Assert.DoesNotContain(appends, call => call.Result!.Version <= conflict.ActualVersion && call.Started > conflict.Ended);
            }
        }
    }

    // A deposed leader may answer a strong read, but it cannot acknowledge a barrier.
    private static bool MustBeFresh(History history, HistoryRead read) =>
        read.Consistency.IsLinearizable || (read.Consistency.IsStrong && !MayBeDeposed(history, read));

    private static bool MayBeDeposed(History history, HistoryRead read) => history.Pauses.Any(pause => read.Ended >= pause.From && read.Started <= pause.To);

    /// <summary>Returns the accepted frames by stream and append id, after every record was written again.</summary>
    private static ILookup<(string Stream, string Append), List<AcceptedEvent>> Frames(History history) =>
        history.AcceptedWithCopies.GroupBy(accepted => (accepted.Partition, accepted.Offset)).ToLookup(frame => (frame.First().Stream, frame.First().Append), frame => frame.ToList());
}
