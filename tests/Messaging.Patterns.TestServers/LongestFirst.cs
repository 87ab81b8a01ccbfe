using Xunit.Sdk;
using Xunit.v3;

namespace Messaging.Patterns.TestServers;

/// <summary>
/// The collections that take longest begin first, so that none of them runs on alone at the end; the others are in the order of their names, which is the same
/// everywhere (xunit's own depends on where the assembly is).
/// </summary>
/// <param name="longest">What is in the names of those that begin first: the names of collections, or of classes.</param>
public abstract class LongestFirst(params string[] longest) : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Rank).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(longest, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal));
        return rank < 0 ? longest.Length : rank;
    }
}
