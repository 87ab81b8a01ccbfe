namespace Messaging.Patterns.Serialization;

/// <summary>A serializer beside the default one: it reads every payload of its media type, and writes those of some types.</summary>
/// <param name="Serializer">The serializer.</param>
/// <param name="Types">The CLR types that it writes.</param>
public sealed record AddedEventSerializer(IEventSerializer Serializer, IReadOnlyCollection<Type> Types);
