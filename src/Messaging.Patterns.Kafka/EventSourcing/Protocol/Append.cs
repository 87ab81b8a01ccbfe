using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>One append on its way through a <see cref="PartitionWriter"/>. The shell derives from it to keep the events, the frame's bytes and the caller.</summary>
/// <remarks>Not to be submitted twice. Everything but the inputs belongs to the state machine.</remarks>
/// <param name="stream">The stream.</param>
/// <param name="id">The append's id; never empty: the shell draws one when the caller gave none.</param>
/// <param name="expected">What is expected of the stream's version.</param>
/// <param name="count">The number of events, at least 1.</param>
internal class Append(StreamKey stream, AppendId id, ExpectedVersion expected, int count)
{
    /// <summary>Initializes the resolution of a pending append: its frame is sent again until it is decided.</summary>
    /// <param name="key">The pending append.</param>
    /// <param name="firstVersion">Its first version.</param>
    /// <param name="count">Its number of events.</param>
    /// <param name="pendingBase">Its base.</param>
    protected internal Append(AppendKey key, long firstVersion, int count, long pendingBase)
        : this(key.Stream, key.Id, ExpectedVersion.Exactly(firstVersion - 1), count)
    {
        IsResolution = true;
        FirstVersion = firstVersion;
        MayBeWrittenAt = firstVersion;
        Base = pendingBase;
    }

    public StreamKey Stream { get; } = stream;

    public AppendId Id { get; } = id;

    public ExpectedVersion Expected { get; } = expected;

    public int Count { get; } = count;

    /// <summary>Gets whether this settles an append whose outcome is unknown.</summary>
    public bool IsResolution { get; }

    /// <summary>Gets whether the frame can be sent; only a resolution may lack it, and then waits for what the log says.</summary>
    public bool HasFrame { get; init; } = true;

    /// <summary>Gets the version that the first event gets if the frame is accepted; 0 until it is chosen.</summary>
    public long FirstVersion { get; internal set; }

    /// <summary>Gets the base of the newest copy of the frame.</summary>
    public long Base { get; internal set; }

    /// <summary>Gets where it is on its way.</summary>
    public AppendState State { get; internal set; }

    /// <summary>Gets whether a copy that may be in the log, or may still get there, is not decided yet.</summary>
    public bool MayBeWritten => MayBeWrittenAt != 0 || Attempt is not null;

    /// <summary>Gets or sets the highest version of a copy, its own or of one that it joined, whose outcome is unknown; 0 if there is none. Only the fold clears it.</summary>
    internal long MayBeWrittenAt { get; set; }

    /// <summary>Gets or sets the copy that is out and was not reported as lost.</summary>
    internal Attempt? Attempt { get; set; }

    /// <summary>Gets or sets how often it lost the race for a version, or let somebody go first who had lost more often.</summary>
    internal int Losses { get; set; }

    internal Exception? LastError { get; set; }

    internal AppendList? JoinedBy { get; set; }

    internal Append? Lead { get; set; }

    internal Append? Previous { get; set; }

    internal Append? Next { get; set; }

    internal AppendKey Key => new(Stream, Id);
}
