using System.Text.Json;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>The names of the frame's own fields in the layout <c>cloudevents</c>: CloudEvents extension attributes (docs/formats.md).</summary>
/// <remarks>Numbers of more than 32 bits are not allowed in CloudEvents, so versions and offsets are strings.</remarks>
internal static class FrameFormat
{
    public const string BarrierType = "messaging-patterns.barrier";

    /// <summary>The attribute by which a frame is recognised in a topic that is not known to hold frames.</summary>
    public const string LogVersionAttribute = "logversion";

    /// <summary>Gets how frames are read: as deep as they are. Whatever a writer could write is a frame for every reader.</summary>
    public static JsonReaderOptions Json { get; } = new() { MaxDepth = int.MaxValue };

    public static ReadOnlySpan<byte> StreamVersion => "streamversion"u8;

    public static ReadOnlySpan<byte> LogBase => "logbase"u8;

    public static ReadOnlySpan<byte> LogVersionName => "logversion"u8;

    public static ReadOnlySpan<byte> LogPartitions => "logpartitions"u8;

    public static ReadOnlySpan<byte> AppendId => "appendid"u8;

    public static bool IsOwn(string attribute) => attribute is "streamversion" or "logbase" or "logversion" or "logpartitions" or "appendid";
}
