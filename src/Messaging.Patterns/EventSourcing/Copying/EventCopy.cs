using System.Diagnostics;
using Messaging.Patterns.EventSourcing.Copying.Protocol;

namespace Messaging.Patterns.EventSourcing.Copying;

/// <summary>Makes the appends of a feed in another store: each with its own id, at its own version.</summary>
/// <remarks>
/// Nothing is kept of how far it has got but the target itself. An append and taking note of it are two steps: after a crash in between, it is made again, at the version
/// and with the id that it has, and the target answers that it is there.
/// </remarks>
internal sealed class EventCopy(IEventStore target, AppendPump pump, TimeProvider time)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15);

    public Task<EventCopyProgress> RunAsync(CancellationToken cancellationToken) => pump.RunAsync(CopyAsync, cancellationToken);

    private async ValueTask<bool> CopyAsync(CopiedAppend append, CancellationToken cancellationToken)
    {
        using var trace = Continue(append.Events[0].Trace);

        for (var delay = FirstDelay; ; delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay)
        {
            try
            {
                return await TryCopyAsync(append, cancellationToken).ConfigureAwait(false);
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                // Perhaps it was accepted all the same: then it answers so when it is tried again.
                pump.Failed(exception);
            }
            catch (Exception exception) when (exception is not (MessagingException or OperationCanceledException))
            {
                throw new EventCopyException(Differences.Refused(append, exception.Message), "Leave its stream out by Includes, or let the target take it.", exception);
            }

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Stores keep the trace of whoever appends: here that of the event's writer, and none if it had none, not that of the copy.
    private static Activity? Continue(ActivityContext writer)
    {
        Activity.Current = null;
        return writer == default
            ? null
            : new Activity("copy") { TraceStateString = writer.TraceState }.SetParentId(writer.TraceId, writer.SpanId, writer.TraceFlags).Start();
    }

    /// <summary>Makes an append, unless the target has it, and returns whether it had.</summary>
    private async ValueTask<bool> TryCopyAsync(CopiedAppend append, CancellationToken cancellationToken)
    {
        try
        {
            var expected = ExpectedVersion.Exactly(append.FirstVersion - 1);
            var result = await target.AppendAsync(append.Stream, expected, EventsOf(append), new() { Id = append.Id }, cancellationToken).ConfigureAwait(false);
            return CopyRule.OfResult(append, result.Version) == CopyVerdict.Copied ? false : throw Foreign(Differences.Elsewhere(append, result.Version));
        }
        catch (StreamConflictException conflict)
        {
            return CopyRule.OfConflict(append, conflict.Actual) == CopyVerdict.Gap
                ? throw new EventCopyException(Differences.Missing(append, conflict.Actual), "Begin at an earlier place, at best at Position.Start: what is there is recognised.")
                : await CompareAsync(append, conflict.Position, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> CompareAsync(CopiedAppend append, Position position, CancellationToken cancellationToken)
    {
        var found = await TargetStreams.ReadAsync(target, append, ReadConsistency.Session(position), cancellationToken).ConfigureAwait(false);
        return Differences.Find(append, found) is { } difference ? throw Foreign(difference) : true;
    }

    private static EventCopyException Foreign(EventDifference difference) =>
        new(difference, "Somebody else has written to the stream in the target. Copy into a store whose streams nobody writes to before the switch, or leave the stream out by Includes.");

    private static List<EventData> EventsOf(CopiedAppend append) =>
        [.. append.Events.Select(recorded => new EventData(recorded.Payload) { Id = recorded.Id, Time = recorded.Time, Metadata = recorded.Metadata })];
}
