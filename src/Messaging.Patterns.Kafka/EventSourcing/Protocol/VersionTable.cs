using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>The version of every stream of a partition, and rule F, by which it grows.</summary>
internal sealed class VersionTable
{
    private readonly Dictionary<StreamKey, long> _versions = [];

    /// <summary>Gets the streams that exist, for a checkpoint.</summary>
    public IReadOnlyDictionary<StreamKey, long> Streams => _versions;

    /// <summary>Gets the version of a stream; 0 when it does not exist.</summary>
    public long this[StreamKey stream] => _versions.GetValueOrDefault(stream);

    /// <summary>
    /// Rule F: a frame is accepted iff its first version follows the stream's version, which then grows by its count. Nothing else is consulted: no clock,
    /// no membership, no sender. So all who fold the same log agree, a repeated frame changes nothing, and there are neither gaps nor repeated versions.
    /// </summary>
    public Verdict Fold(in FrameHeader frame)
    {
        if (frame.IsBarrier)
        {
            return Verdict.Barrier;
        }

        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_versions, frame.Stream);
        var version = Unsafe.IsNullRef(ref known) ? 0 : known;

        if (frame.FirstVersion != version + 1)
        {
            return frame.FirstVersion > version ? Verdict.Gap : Verdict.Rejected;
        }

        if (version == 0)
        {
            _versions[frame.Stream] = frame.Count;
        }
        else
        {
            known = version + frame.Count;
        }

        return Verdict.Accepted;
    }

    /// <summary>Puts back what a checkpoint holds.</summary>
    public void Restore(StreamKey stream, long version) => _versions[stream] = version;

    /// <summary>Makes room for this many streams.</summary>
    public void EnsureCapacity(int streams) => _versions.EnsureCapacity(streams);
}
