using Shop.Demo.Processes;

namespace Shop.Demo;

/// <summary>What a shop runs on.</summary>
/// <param name="Broker">The Kafka.</param>
/// <param name="Tables">The database of its tables.</param>
internal sealed record Servers(Broker Broker, TableDatabase Tables)
{
    public override string ToString() => $"{Broker}, with its tables in {Tables}";
}
