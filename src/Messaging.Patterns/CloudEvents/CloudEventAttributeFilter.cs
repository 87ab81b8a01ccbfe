using System.Text.Json;

namespace Messaging.Patterns.CloudEvents;

/// <summary>Returns whether the extension attribute whose name the reader stands at is to be left out.</summary>
/// <param name="reader">The reader, at the name; it must not be moved.</param>
public delegate bool CloudEventAttributeFilter(ref Utf8JsonReader reader);
