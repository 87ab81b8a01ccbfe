using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Messaging.Patterns.Serialization;

/// <summary>The default serializer: System.Text.Json, through source-generated contexts where they are given, else by reflection.</summary>
internal sealed class SystemTextJsonEventSerializer : IEventSerializer
{
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    private readonly JsonSerializerOptions _options;

    public SystemTextJsonEventSerializer(JsonSerializerOptions options)
    {
        AddReflection(options);
        _options = options;

        // Without reflection and without a context there is nothing to freeze: using it then says what is missing, and not using it is no fault.
        if (options.TypeInfoResolver is not null)
        {
            options.MakeReadOnly();
        }
    }

    public string ContentType => "application/json";

    public void Serialize(object payload, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(payload);
        var writer = WriterOf(output);

        try
        {
            JsonSerializer.Serialize(writer, payload, _options.GetTypeInfo(payload.GetType()));
            writer.Flush();
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new EventSerializationException($"An event of type '{payload.GetType()}' cannot be written as JSON: {exception.Message}", exception);
        }
    }

    public object Deserialize(ReadOnlyMemory<byte> data, Type type)
    {
        try
        {
            return JsonSerializer.Deserialize(data.Span, _options.GetTypeInfo(type))
                ?? throw new EventSerializationException($"The payload of an event of type '{type}' is null.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new EventSerializationException($"The payload is no JSON of an event of type '{type}': {exception.Message}", exception);
        }
    }

    // It validates, so that a faulty converter fails here and not at every reader.
    private Utf8JsonWriter WriterOf(IBufferWriter<byte> output)
    {
        if (_writer is not { } writer || writer.Options.Encoder != _options.Encoder)
        {
            return _writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = _options.Encoder });
        }

        writer.Reset(output);
        return writer;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where reflection is enabled; trimmed applications give a source-generated context.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where reflection is enabled; native applications give a source-generated context.")]
    private static void AddReflection(JsonSerializerOptions options)
    {
        if (JsonSerializer.IsReflectionEnabledByDefault && !options.IsReadOnly && !options.TypeInfoResolverChain.OfType<DefaultJsonTypeInfoResolver>().Any())
        {
            options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        }
    }
}
