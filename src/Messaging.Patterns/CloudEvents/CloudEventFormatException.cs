namespace Messaging.Patterns.CloudEvents;

/// <summary>Bytes are not a CloudEvent in the JSON format.</summary>
/// <param name="message">What was expected and what was found.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class CloudEventFormatException(string message, Exception? inner = null) : MessagingException(message, inner);
