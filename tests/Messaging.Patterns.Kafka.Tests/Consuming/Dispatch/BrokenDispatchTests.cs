using Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch;

/// <summary>The simulation is worth something: each rule, broken on purpose, is noticed.</summary>
public sealed class BrokenDispatchTests
{
    private const int Seeds = 2_000;

    [Theory]
    [InlineData(nameof(DispatchMutation.GivenOutIsDone), nameof(DispatchInvariant.CommitNotAhead))]
    [InlineData(nameof(DispatchMutation.FailureIsDone), nameof(DispatchInvariant.CommitNotAhead))]
    [InlineData(nameof(DispatchMutation.CancellationIsDone), nameof(DispatchInvariant.CommitNotAhead))]
    [InlineData(nameof(DispatchMutation.StopDropsTheCommit), nameof(DispatchInvariant.CommitNotAhead))]
    [InlineData(nameof(DispatchMutation.KeysAreIgnored), nameof(DispatchInvariant.OrderOfKeys))]
    [InlineData(nameof(DispatchMutation.JudgedOutOfOrder), nameof(DispatchInvariant.OrderOfKeys))]
    [InlineData(nameof(DispatchMutation.DrainedPartitionGivesOut), nameof(DispatchInvariant.QuietWhenLeaving))]
    [InlineData(nameof(DispatchMutation.LostPartitionIsCommitted), nameof(DispatchInvariant.OwnerCommits))]
    [InlineData(nameof(DispatchMutation.FormerAssignmentGoesOn), nameof(DispatchInvariant.CommitNotAhead))]
    [InlineData(nameof(DispatchMutation.BudgetIsIgnored), nameof(DispatchInvariant.MemoryBound))]
    [InlineData(nameof(DispatchMutation.WorkIsNotAnnounced), nameof(DispatchInvariant.Progress))]
    [InlineData(nameof(DispatchMutation.WorkersAreNotFollowed), nameof(DispatchInvariant.NoIdleWorker))]
    [InlineData(nameof(DispatchMutation.TimeIsNotWatched), nameof(DispatchInvariant.Progress))]
    [InlineData(nameof(DispatchMutation.PausedStaysPaused), nameof(DispatchInvariant.Progress))]
    [InlineData(nameof(DispatchMutation.ConcurrencyIsIgnored), nameof(DispatchInvariant.Concurrency))]
    [InlineData(nameof(DispatchMutation.OtherKeysAreDropped), nameof(DispatchInvariant.OthersGoOn))]
    [InlineData(nameof(DispatchMutation.NotSetAsideIsDone), nameof(DispatchInvariant.CommitNotAhead))]
    [InlineData(nameof(DispatchMutation.FailureIsTriedAtOnce), nameof(DispatchInvariant.Patience))]
    [InlineData(nameof(DispatchMutation.InnocentsFailToo), nameof(DispatchInvariant.Patience))]
    [InlineData(nameof(DispatchMutation.PatienceIsEndless), nameof(DispatchInvariant.Patience))]
    [InlineData(nameof(DispatchMutation.ParkedIsUnbounded), nameof(DispatchInvariant.MemoryBound))]
    [InlineData(nameof(DispatchMutation.SpanIsIgnored), nameof(DispatchInvariant.Patience))]
    public void A_broken_rule_is_caught(string mutation, string invariant)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            if (DispatchSimulation.Run(seed, Enum.Parse<DispatchMutation>(mutation)).Violations.Exists(violation => violation.Invariant == Enum.Parse<DispatchInvariant>(invariant)))
            {
                return;
            }
        }

        Assert.Fail($"{Seeds} histories with {mutation} show no violation of {invariant}.");
    }

    [Fact]
    public void Every_rule_that_can_be_broken_is() => Assert.Equal(
        Enum.GetNames<DispatchMutation>().Except([nameof(DispatchMutation.None)]).Order(StringComparer.Ordinal),
        typeof(BrokenDispatchTests).GetMethod(nameof(A_broken_rule_is_caught))!.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(attribute => (string)((IReadOnlyCollection<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!).First().Value!)
            .Order(StringComparer.Ordinal));
}
