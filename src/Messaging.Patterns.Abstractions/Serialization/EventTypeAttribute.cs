namespace Messaging.Patterns.Serialization;

/// <summary>Declares the name under which events of a type are stored. The name outlives the class: rename the class as you like, never the name.</summary>
/// <param name="name">The name, such as <c>account-charged</c>: 1 to 200 printable characters without white space.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class EventTypeAttribute(string name) : Attribute
{
    /// <summary>Gets the name.</summary>
    public string Name { get; } = name;
}
