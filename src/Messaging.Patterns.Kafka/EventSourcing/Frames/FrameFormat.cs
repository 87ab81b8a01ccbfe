using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>What both layouts share, and the names of the frame's own fields in the layout <c>cloudevents</c>: CloudEvents extension attributes (docs/formats.md).</summary>
/// <remarks>Numbers of more than 32 bits are not allowed in CloudEvents, so versions and offsets are strings.</remarks>
internal static class FrameFormat
{
    public const string BarrierType = "messaging-patterns.barrier";

    /// <summary>The media type of data that does not say another.</summary>
    public const string JsonContentType = "application/json";

    /// <summary>The attribute by which a frame is recognised in a topic that is not known to hold frames.</summary>
    public const string LogVersionAttribute = "logversion";

    /// <summary>Gets how frames are read: as deep as they are. Whatever a writer could write is a frame for every reader.</summary>
    public static JsonReaderOptions Json { get; } = new() { MaxDepth = int.MaxValue };

    public static ReadOnlySpan<byte> StreamVersion => "streamversion"u8;

    public static ReadOnlySpan<byte> LogBase => "logbase"u8;

    public static ReadOnlySpan<byte> LogVersionName => "logversion"u8;

    public static ReadOnlySpan<byte> LogPartitions => "logpartitions"u8;

    public static ReadOnlySpan<byte> AppendId => "appendid"u8;

    /// <summary>Returns the type name of an event to be written.</summary>
    /// <exception cref="ArgumentException">It is that of barriers: such an event would stop every reader, since a barrier has no events.</exception>
    public static string TypeOf(EventCodec codec, EventData data) => codec.GetTypeName(data.Payload) is var type && type != BarrierType
        ? type
        : throw new ArgumentException($"Event type name '{type}' is taken by the event store.", nameof(data));

    /// <summary>Throws if a name cannot be that of metadata, in whichever layout: readers could not tell it from an attribute.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static void ThrowIfNoMetadata(string name) => CloudEventAttributes.ThrowIfInvalid(name, IsOwn(name));

    /// <summary>Returns what the events of a category's streams name as their source.</summary>
    public static string SourceOf(string category) => "/" + Uri.EscapeDataString(category);

    public static bool IsOwn(string attribute) => attribute is "streamversion" or "logbase" or "logversion" or "logpartitions" or "appendid";
}
