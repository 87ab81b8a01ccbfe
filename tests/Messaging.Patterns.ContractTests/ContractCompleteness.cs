using System.Reflection;

namespace Messaging.Patterns.ContractTests;

/// <summary>Finds implementations that no suite tests.</summary>
public static class ContractCompleteness
{
    private static readonly ILookup<Type, Type> Suites = typeof(Contract).Assembly.GetTypes()
        .Where(type => type.IsDefined(typeof(ContractOfAttribute), inherit: false))
        .ToLookup(suite => suite.GetCustomAttribute<ContractOfAttribute>()!.Abstraction);

    /// <summary>Gets the abstractions that have suites.</summary>
    public static IEnumerable<Type> Abstractions => Suites.Select(suites => suites.Key);

    /// <summary>Returns every implementation in some assemblies that a suite of its abstractions is not inherited for, with the suite.</summary>
    /// <param name="sources">The assemblies with implementations.</param>
    /// <param name="tests">The assembly with the inherited suites.</param>
    public static IReadOnlyList<string> FindGaps(IEnumerable<Assembly> sources, Assembly tests)
    {
        var inherited = tests.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(Contract))).ToList();

        return [.. from implementation in sources.SelectMany(source => source.GetTypes())
                   where implementation is { IsAbstract: false, IsInterface: false }
                   from abstraction in Abstractions
                   where implementation.IsAssignableTo(abstraction)
                   from suite in Suites[abstraction]
                   where !inherited.Any(test => test.IsSubclassOf(suite) && Names(test).Contains(implementation.FullName))
                   select $"{implementation.FullName}: no {suite.Name} names it"];
    }

    private static IEnumerable<string> Names(Type test) => test.GetCustomAttribute<ImplementationsAttribute>()?.Names ?? [];
}
