using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>The appends of others that lost a race for a version, and how often: who lost often is let go first.</summary>
/// <remarks>
/// <para>
/// A writer that is far from the broker folds a version, chooses the next one and sends, and meanwhile a near one has taken dozens. It would lose for as long
/// as the near one has work. Writers that are equally far share a stream without help, so the first losses count for nothing. Each one after
/// them is answered by a pause before the next frame of the stream, twice as long each time, until the pause is as long as the other's way to the broker and
/// back: then its frame is the next one. Every frame is judged by rule F as before: a pause only delays.
/// </para>
/// <para>Bounded: of many streams and many rivals the ones known longest, or that lost least, are forgotten.</para>
/// </remarks>
internal sealed class Rivals
{
    /// <summary>How often an append loses without anybody waiting for it.</summary>
    public const int FreeLosses = 2;

    /// <summary>The most losses that are counted: pauses grow up to a quarter of a second, which is far around the world.</summary>
    public const int MostLosses = 8;

    /// <summary>Of how many streams rivals are remembered.</summary>
    public const int Streams = 256;

    /// <summary>How many rivals of one stream are remembered.</summary>
    public const int PerStream = 8;

    private readonly OrderedDictionary<StreamKey, List<Rival>> _streams = [];

    /// <summary>The fold rejected a frame of somebody else.</summary>
    public void Lost(long offset, in FrameHeader frame)
    {
        if (!_streams.TryGetValue(frame.Stream, out var rivals))
        {
            if (_streams.Count == Streams)
            {
                _streams.RemoveAt(0);
            }

            _streams.Add(frame.Stream, rivals = []);
        }

        var id = frame.AppendId;
        var rival = rivals.Find(known => known.Id == id) ?? Add(rivals, id);

        // A far writer has a whole series of frames on the way, one for each version that it sees taken, and they lose together: what was sent before
        // its writer could know of the last loss is no other one. So losses are as far apart as the writer is from the broker.
        if (frame.Base >= rival.LostAt)
        {
            (rival.LostAt, rival.Losses, rival.IsDue) = (offset, Math.Min(rival.Losses + 1, MostLosses), rival.Losses >= FreeLosses);
        }
    }

    /// <summary>The fold accepted a frame of somebody else: nobody needs to wait for it any more.</summary>
    public void Won(in FrameHeader frame)
    {
        if (_streams.Count > 0 && _streams.TryGetValue(frame.Stream, out var rivals))
        {
            var id = frame.AppendId;
            rivals.RemoveAll(rival => rival.Id == id);

            if (rivals.Count == 0)
            {
                _streams.Remove(frame.Stream);
            }
        }
    }

    /// <summary>Returns the pause to make before an append's frame is sent; each loss is answered by one pause at most.</summary>
    /// <param name="append">The append. It waits only for those who lost more often than itself, pauses counted, so at most <see cref="MostLosses"/> times.</param>
    public StreamYield? Before(Append append)
    {
        if (_streams.Count == 0 || !_streams.TryGetValue(append.Stream, out var rivals))
        {
            return null;
        }

        Rival? first = null;

        foreach (var rival in rivals)
        {
            if (rival.IsDue && rival.Id != append.Id && rival.Losses > (first?.Losses ?? append.Losses))
            {
                first = rival;
            }

            rival.IsDue = false;
        }

        return first is null ? null : new StreamYield(append.Stream, first.Id, PauseAfter(first.Losses));
    }

    /// <summary>Returns the pause that a number of losses earns.</summary>
    public static TimeSpan PauseAfter(int losses) => TimeSpan.FromMilliseconds(1 << losses);

    private static Rival Add(List<Rival> rivals, AppendId id)
    {
        if (rivals.Count == PerStream)
        {
            rivals.Remove(rivals.MinBy(rival => rival.Losses)!);
        }

        var rival = new Rival(id);
        rivals.Add(rival);
        return rival;
    }

    private sealed class Rival(AppendId id)
    {
        public AppendId Id { get; } = id;

        public int Losses { get; set; }

        /// <summary>Gets or sets the offset of the last frame that counts as a loss.</summary>
        public long LostAt { get; set; } = -1;

        /// <summary>Gets or sets whether its last loss is still to be answered by a pause.</summary>
        public bool IsDue { get; set; }
    }
}
