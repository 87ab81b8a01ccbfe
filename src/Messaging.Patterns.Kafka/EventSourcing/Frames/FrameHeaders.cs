using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>The headers of records with frames: a content type where the options ask for it and the layout has one, else none.</summary>
internal static class FrameHeaders
{
    private const string BatchContentType = "application/cloudevents-batch+json; charset=UTF-8";

    // Shared by all records: the producer only reads them.
    private static readonly Headers Single = Make(CloudEventJson.ContentType);
    private static readonly Headers Batch = Make(BatchContentType);

    /// <summary>Returns the headers that say what a frame is; <see langword="null"/> for the binary layout, which has no media type that others know.</summary>
    public static Headers? Of(ReadOnlySpan<byte> frame) => frame[0] switch
    {
        (byte)'{' => Single,
        (byte)'[' => Batch,
        _ => null,
    };

    private static Headers Make(string contentType) => [new Header("content-type", Encoding.ASCII.GetBytes(contentType))];
}
