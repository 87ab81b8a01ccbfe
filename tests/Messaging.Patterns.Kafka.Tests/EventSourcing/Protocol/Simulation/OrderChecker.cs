using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>Judges what reads and conflicts said about the order of things in time.</summary>
/// <remarks>
/// Linearizability is shown by naming the points: an append takes effect when its accepted frame lands, which must lie within its call; a conflict and a
/// strong read must be right at some moment within theirs. Together with rule F (versions are the order of landing) that is a legal sequential history.
/// </remarks>
/// <param name="history">The history.</param>
/// <param name="accepted">The frames that the log accepts.</param>
/// <param name="isJudged">Whether to judge what began and was answered at two moments, by an instance that had folded what the log held or had not.</param>
internal sealed class OrderChecker(PartitionSimulation history, List<AcceptedFrame> accepted, Func<long, long, bool, bool> isJudged)
{
    private readonly List<SimCall> _calls = history.Calls.FindAll(call => isJudged(call.InvokedAt, call.AnsweredAt, call.IsSound));
    private readonly List<SimRead> _reads = history.Reads.FindAll(read => isJudged(read.InvokedAt, read.AnsweredAt, read.IsSound));

    public void Check()
    {
        foreach (var call in _calls)
        {
            CheckCall(call);
        }

        foreach (var read in _reads)
        {
            CheckRead(read);
        }

        CheckSessions();
    }

    private void CheckCall(SimCall call)
    {
        if (call.Answer is { Kind: DecisionKind.Accepted } success && !call.IsRepeated)
        {
            var frame = accepted.Find(frame => frame.Offset == success.Offset);
            Require(Invariant.Linearizable, frame.LandedAt > call.InvokedAt && frame.LandedAt <= call.AnsweredAt, $"{call} took effect outside of its call");
        }

        if (call.Answer is { Kind: DecisionKind.Conflict } conflict)
        {
            var wasMissed = VersionsDuring(call.Stream, call.InvokedAt, call.AnsweredAt).Any(version => !call.Expected.IsMetBy(version));
            Require(Invariant.Linearizable, wasMissed, $"{call} was a conflict, but its expectation held all the time");
            Require(Invariant.Linearizable, !call.Expected.IsMetBy(conflict.Version), $"{call} was a conflict with version {conflict.Version}, which meets it");
        }
    }

    private void CheckRead(SimRead read)
    {
        var prefix = accepted.FindLast(frame => frame.Header.Stream == read.Stream && frame.Offset < read.Position).Header;
        Require(Invariant.ReadsInOrder, read.Version == (prefix.Count > 0 ? prefix.LastVersion : 0), $"a read at {read.Position} saw version {read.Version}");
        Require(Invariant.ReadsInOrder, read.Position >= read.From!.Value, $"a read from {read.From} was answered at {read.Position}");

        if (read.MustBeCurrent)
        {
            var isCurrent = VersionsDuring(read.Stream, read.InvokedAt, read.AnsweredAt).Contains(read.Version);
            Require(Invariant.Linearizable, isCurrent, $"a {read.Kind} read saw version {read.Version}, which was never current during the read");
        }
    }

    /// <summary>A client's later session read sees at least what the client saw or wrote before, and a strong read all that anyone was told before it began.</summary>
    private void CheckSessions()
    {
        foreach (var read in _reads)
        {
            var floor = 0L;

            foreach (var call in _calls)
            {
                var isKnown = read.MustBeCurrent || (read.Kind == SimReadKind.Session && call.Number % SimClients.Count == read.Client);

                if (isKnown && call.Stream == read.Stream && call.Answer is { Kind: DecisionKind.Accepted } success && call.AnsweredAt < read.InvokedAt)
                {
                    floor = Math.Max(floor, success.Version);
                }
            }

            foreach (var earlier in _reads)
            {
                if (earlier.Stream == read.Stream && earlier.AnsweredAt < read.InvokedAt && (read.MustBeCurrent || (read.Kind == SimReadKind.Session && earlier.Client == read.Client)))
                {
                    floor = Math.Max(floor, earlier.Version);
                }
            }

            Require(Invariant.ReadsInOrder, read.Version >= floor, $"a read of client {read.Client} saw version {read.Version} after {floor} was known");
        }
    }

    /// <summary>Returns the versions that a stream had at some moment of a period.</summary>
    private List<long> VersionsDuring(StreamKey stream, long from, long to)
    {
        var versions = new List<long> { 0 };

        foreach (var frame in accepted)
        {
            if (frame.Header.Stream == stream && frame.LandedAt <= from)
            {
                versions[0] = frame.Header.LastVersion;
            }
            else if (frame.Header.Stream == stream && frame.LandedAt <= to)
            {
                versions.Add(frame.Header.LastVersion);
            }
        }

        return versions;
    }

    private void Require(Invariant invariant, bool holds, FormattableString text)
    {
        if (!holds)
        {
            history.Violate(invariant, FormattableString.Invariant(text));
        }
    }
}
