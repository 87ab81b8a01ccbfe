namespace Messaging.Patterns.Serialization;

/// <summary>A payload could not be turned into bytes, or bytes not into a payload.</summary>
/// <param name="message">What was expected and what was found.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public class EventSerializationException(string message, Exception? inner = null) : MessagingException(message, inner);
