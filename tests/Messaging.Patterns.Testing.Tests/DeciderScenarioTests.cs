using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Testing.EventSourcing;

namespace Messaging.Patterns.Testing.Tests;

public sealed class DeciderScenarioTests
{
    private static readonly Decider<int> Total = new(100, (total, payload) => payload is Charged charged ? total - charged.Amount : total);

    [Fact]
    public void Given_events_lead_to_the_state_on_which_is_decided()
    {
        Assert.Equal(65, Total.Given(new Opened("Ada"), new Charged(30), new Charged(5)).State);
        Assert.Equal(100, Total.Given().State);
    }

    [Fact]
    public void The_events_decided_are_compared_by_value_and_order()
    {
        var decided = Total.Given(new Charged(30)).When(total => [new Charged(total), new EventData(new Opened("again")) { Id = "own" }]);

        decided.Then(new Charged(70), new Opened("again"));
        Assert.Throws<ScenarioFailedException>(() => decided.Then(new Opened("again"), new Charged(70)));
        Assert.Throws<ScenarioFailedException>(() => decided.Then(new Charged(70)));
        Assert.Throws<ScenarioFailedException>(decided.ThenNothing);
    }

    [Fact]
    public void A_failure_names_what_was_expected_and_what_was_decided()
    {
        var failure = Assert.Throws<ScenarioFailedException>(() => Total.Given().When(_ => [new Charged(1)]).Then(new Charged(2)));

        Assert.Equal(("Charged { Amount = 2 }", "Charged { Amount = 1 }"), (failure.Expected, failure.Actual));
        Assert.Equal("Expected Charged { Amount = 2 }, but the decision led to Charged { Amount = 1 }.", failure.Message);
    }

    [Fact]
    public void Nothing_decided_is_told_from_something()
    {
        Total.Given().When(_ => []).ThenNothing();

        Assert.Equal("no events", Assert.Throws<ScenarioFailedException>(() => Total.Given().When(_ => []).Then(new Charged(1))).Actual);
    }

    [Fact]
    public void A_refusal_is_demanded_by_its_type_and_returned()
    {
        var decided = Total.Given().When(_ => throw new InvalidOperationException("too poor"));

        Assert.Equal("too poor", decided.ThenThrows<InvalidOperationException>().Message);
        Assert.Equal("too poor", decided.ThenThrows<Exception>().Message);
        Assert.Same(decided.Exception, Assert.Throws<ScenarioFailedException>(decided.ThenThrows<ArgumentException>).InnerException);
        Assert.Throws<ScenarioFailedException>(decided.ThenNothing);
    }

    [Fact]
    public void A_refusal_while_the_events_are_enumerated_counts_too()
    {
        Total.Given().When(Refuse).ThenThrows<InvalidOperationException>();

        static IEnumerable<object> Refuse(int total)
        {
            yield return new Charged(total);
            throw new InvalidOperationException("too poor");
        }
    }

    [Fact]
    public void A_decision_for_events_is_no_refusal()
    {
        var failure = Assert.Throws<ScenarioFailedException>(() => Total.Given().When(_ => [new Charged(1)]).ThenThrows<InvalidOperationException>());

        Assert.Equal(("an exception of type System.InvalidOperationException", "Charged { Amount = 1 }"), (failure.Expected, failure.Actual));
    }
}
