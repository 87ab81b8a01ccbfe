using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>Judges what reads and conflicts said about the order of things in time.</summary>
/// <remarks>
/// Linearizability is shown by naming the points: an append takes effect when its accepted frame lands, which must lie within its call; a conflict and a
/// strong read must be right at some moment within theirs. Together with rule F (versions are the order of landing) that is a legal sequential history.
/// </remarks>
internal sealed class OrderChecker(PartitionSimulation history, List<AcceptedFrame> accepted)
{
    public void Check()
    {
        foreach (var call in history.Calls)
        {
            CheckCall(call);
        }

        foreach (var read in history.Reads)
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
        Require(Invariant.ReadsInOrder, read.Position >= read.From, $"a read from {read.From} was answered at {read.Position}");

        if (read.IsStrong)
        {
            var isCurrent = VersionsDuring(read.Stream, read.InvokedAt, read.AnsweredAt).Contains(read.Version);
            Require(Invariant.Linearizable, isCurrent, $"a strong read saw version {read.Version}, which was never current during the read");
        }
    }

    /// <summary>A client's later session read sees at least what the client saw or wrote before, and a strong read all that anyone was told before it began.</summary>
    private void CheckSessions()
    {
        foreach (var read in history.Reads)
        {
            var floor = 0L;

            foreach (var call in history.Calls)
            {
                var isKnown = read.IsStrong || call.Number % SimClients.Count == read.Client;

                if (isKnown && call.Stream == read.Stream && call.Answer is { Kind: DecisionKind.Accepted } success && call.AnsweredAt < read.InvokedAt)
                {
                    floor = Math.Max(floor, success.Version);
                }
            }

            foreach (var earlier in history.Reads)
            {
                if (earlier.Stream == read.Stream && earlier.AnsweredAt < read.InvokedAt && (earlier.Client == read.Client || read.IsStrong))
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
