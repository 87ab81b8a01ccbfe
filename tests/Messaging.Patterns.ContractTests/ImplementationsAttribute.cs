namespace Messaging.Patterns.ContractTests;

/// <summary>Names the classes that an inherited suite tests. The suite checks that it is so, and another test that no class is left out.</summary>
/// <param name="names">Their full names; they may be internal.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ImplementationsAttribute(params string[] names) : Attribute
{
    /// <summary>Gets the full names.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}
