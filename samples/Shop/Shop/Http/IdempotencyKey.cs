using System.Diagnostics.CodeAnalysis;
using Messaging.Patterns.EventSourcing;

namespace Shop.Http;

/// <summary>Names a command: a client that is not sure whether its request arrived sends it again with the same key, and it is carried out once.</summary>
/// <param name="Value">Any text that the client uses for this command only, such as a UUID.</param>
public sealed record IdempotencyKey(string Value)
{
    /// <summary>The request header that carries the key.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>Reads a key from its header.</summary>
    public static bool TryParse(string? value, [NotNullWhen(true)] out IdempotencyKey? key)
    {
        key = value is { Length: > 0 and <= 200 } ? new(value) : null;
        return key is not null;
    }
}

/// <summary>Turns keys into what the event store knows.</summary>
internal static class IdempotencyKeyExtensions
{
    /// <summary>Returns the id of the append that a command leads to; a new one without a key.</summary>
    public static AppendId ToAppendId(this IdempotencyKey? key) => key is null ? AppendId.New() : AppendId.From(key.Value);
}
