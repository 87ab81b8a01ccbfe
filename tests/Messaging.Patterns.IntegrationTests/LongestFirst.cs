using Messaging.Patterns.IntegrationTests;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Xunit.Sdk;
using Xunit.v3;

// Most tests wait for servers, so there may be more of them than processors.
[assembly: TestCollectionOrderer(typeof(LongestFirst))]
[assembly: Parallelization(MaxThreads = 3)]

namespace Messaging.Patterns.IntegrationTests;

/// <summary>
/// The collections that take longest begin first, so that none of them runs on alone at the end; the others are in the order of their names, which is the same
/// everywhere (xunit's own depends on where the assembly is).
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest = [WholeSystems.Name, KillsNodes.Name];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Rank).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var rank = Array.IndexOf(Longest, collection.TestCollectionDisplayName);
        return rank < 0 ? Longest.Length : rank;
    }
}
