using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>How a pending append that has left the window is settled from the log.</summary>
internal static class PendingRule
{
    /// <summary>
    /// Judges one frame of the log, read in order from the pending append's base on: the first frame of its stream at its first version decides.
    /// </summary>
    /// <remarks>
    /// At base the stream's version was the one before, so the first such frame at or after it is the one that rule F accepts, and all others are
    /// rejected for ever.
    /// </remarks>
    /// <param name="frame">The next frame of the log.</param>
    /// <param name="pending">The pending append.</param>
    /// <param name="firstVersion">The pending append's first version.</param>
    /// <returns>Accepted or rejected, or undecided when the log must be read on.</returns>
    public static AppendOutcome Judge(in FrameHeader frame, in AppendKey pending, long firstVersion)
    {
        if (frame.IsBarrier || frame.Stream != pending.Stream || frame.FirstVersion != firstVersion)
        {
            return AppendOutcome.Undecided;
        }

        return frame.AppendId == pending.Id ? AppendOutcome.Accepted : AppendOutcome.Rejected;
    }
}
