using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Abstractions.Tests.Consuming;

public sealed class RewindStatusTests
{
    [Fact]
    public void The_progress_is_that_of_what_is_to_be_handled_again()
    {
        Assert.Equal(0.5, Status(Partition(RewindState.Done, 100, 200, next: 150)).Progress);
        Assert.Equal(0.25, Status(Partition(RewindState.Done, 100, 200, next: 150), Partition(RewindState.Asked, 0, 100, next: 100)).Progress);
        Assert.Equal(1, Status(Partition(RewindState.Done, 100, 200, next: 900)).Progress);
    }

    [Fact]
    public void What_is_refused_is_not_waited_for_and_a_jump_ahead_is_over_when_it_is_done()
    {
        Assert.Equal(1, Status(Partition(RewindState.Done, 100, 200, next: 200), Partition(RewindState.Refused, 0, 100, next: 0)).Progress);
        Assert.Equal(1, Status(Partition(RewindState.Refused, 0, 100, next: 0)).Progress);
        Assert.Equal(0, Status(Partition(RewindState.Asked, 300, 100, next: 100)).Progress);
        Assert.Equal(1, Status(Partition(RewindState.Done, 300, 100, next: 300)).Progress);
    }

    private static RewindStatus Status(params RewoundPartition[] partitions) => new("1", "balances", partitions);

    private static RewoundPartition Partition(RewindState state, long target, long until, long next) => new("accounts", 0, target, 5, state) { Until = until, Next = next };
}
