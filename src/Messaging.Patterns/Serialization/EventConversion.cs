namespace Messaging.Patterns.Serialization;

/// <summary>Turns an event of an older CLR type into its successor.</summary>
/// <param name="To">The CLR type of the successor.</param>
/// <param name="Convert">Returns the successor. It must be pure.</param>
public sealed record EventConversion(Type To, Func<object, object> Convert);
