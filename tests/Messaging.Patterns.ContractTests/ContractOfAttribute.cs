namespace Messaging.Patterns.ContractTests;

/// <summary>Says which abstraction's documentation a suite turns into tests. Every implementation must inherit every suite of its abstractions.</summary>
/// <param name="abstraction">The abstraction.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ContractOfAttribute(Type abstraction) : Attribute
{
    /// <summary>Gets the abstraction.</summary>
    public Type Abstraction { get; } = abstraction;
}
