using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Abstractions.Tests.Consuming;

public sealed class ConsumerGroupStatusTests
{
    [Fact]
    public void Members_have_their_partitions_and_lag_is_summed()
    {
        var status = new ConsumerGroupStatus("balances", [
            Partition(0, committed: 3, end: 10, "b") with { LagTime = TimeSpan.FromSeconds(3) },
            Partition(1, committed: null, end: 10, "a"),
            Partition(2, committed: 10, end: 10, owner: null) with { LagTime = TimeSpan.Zero },
            Partition(3, committed: 10, end: 10, "b") with { LagTime = TimeSpan.Zero }]);

        Assert.Equal([("a", 1), ("b", 2)], status.Members.Select(member => (member.Name, member.Partitions.Count)));
        Assert.Equal(7 + 8, status.Lag);
        Assert.Equal(TimeSpan.FromSeconds(3), status.LagTime);
    }

    [Fact]
    public void A_group_without_partitions_has_no_lag() => Assert.Equal((0L, TimeSpan.Zero), (new ConsumerGroupStatus("g", []).Lag, new ConsumerGroupStatus("g", []).LagTime));

    private static GroupPartitionStatus Partition(int number, long? committed, long end, string? owner) =>
        new() { Topic = "accounts", Partition = number, First = 2, Committed = committed, End = end, Owner = owner };
}
