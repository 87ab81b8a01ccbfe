namespace Messaging.Patterns.Consuming;

/// <summary>Which partitions of a consumer group are meant.</summary>
/// <param name="Group">The group.</param>
public sealed record GroupScope(string Group)
{
    /// <summary>Gets the topics.</summary>
    /// <value>Empty, the default, for all that the group reads: as this process says that has the group itself, else as its instances said in the control topic.</value>
    public IReadOnlyCollection<string> Topics { get; init; } = [];

    /// <summary>Gets the numbers of the partitions, in each of the topics.</summary>
    /// <value>Empty, the default, for all.</value>
    public IReadOnlyCollection<int> Partitions { get; init; } = [];
}
