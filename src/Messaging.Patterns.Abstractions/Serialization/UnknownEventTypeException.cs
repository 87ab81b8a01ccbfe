namespace Messaging.Patterns.Serialization;

/// <summary>An event type is not registered.</summary>
/// <param name="type">The event type name, or the full name of the CLR type.</param>
/// <param name="message">What was expected and the remedy.</param>
public sealed class UnknownEventTypeException(string type, string message) : EventSerializationException(message)
{
    /// <summary>Gets the event type name, or the full name of the CLR type when it has none.</summary>
    public string Type { get; } = type;
}
