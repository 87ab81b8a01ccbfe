using System.Text.Json.Nodes;

namespace Messaging.Patterns.Serialization;

/// <summary>Turns the stored JSON of an older event type into that of its successor, when it is read. What is stored never changes.</summary>
public interface IEventUpcaster
{
    /// <summary>Gets the stored type name that this upcaster reads.</summary>
    string FromType { get; }

    /// <summary>Gets the type name that it turns it into: a registered type, or one that another upcaster reads.</summary>
    string ToType { get; }

    /// <summary>Returns the JSON of the successor. It must be pure.</summary>
    /// <param name="data">The stored JSON object; it may be changed and returned.</param>
    JsonObject Upcast(JsonObject data);
}
