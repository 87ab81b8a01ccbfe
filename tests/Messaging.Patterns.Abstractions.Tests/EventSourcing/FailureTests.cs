using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Abstractions.Tests.EventSourcing;

/// <summary>A failure says what was expected, what was found and whether another try may help, in its text and in its properties.</summary>
public sealed class FailureTests
{
    private static readonly StreamId Account = new("account", "42");
    private static readonly Exception Cause = new InvalidOperationException("cause");

    [Fact]
    public void A_conflict_is_final_and_names_both_versions()
    {
        var failure = new StreamConflictException(Account, ExpectedVersion.Exactly(3), 5, Position.At("accounts:3", 8));

        Assert.Equal("Cannot append to stream 'account-42': expected version 3, but it is at version 5. Read it again and decide anew.", failure.Message);
        Assert.Equal((Account, ExpectedVersion.Exactly(3), 5, Position.At("accounts:3", 8)), (failure.Stream, failure.Expected, failure.Actual, failure.Position));
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public void An_unknown_outcome_carries_what_resolves_it()
    {
        var pending = new PendingAppend { Stream = Account, Id = AppendId.From("a"), FirstVersion = 3, Count = 2, Base = Position.Start };
        var failure = new AppendOutcomeUnknownException(pending, Cause);

        Assert.Equal(
            "It is not known whether append ca978112ca1b8dcabac231b39a23dc4d to stream 'account-42' as version 3 was accepted. "
            + "Call ResolveAsync with the pending append, or repeat the append with the same append id.",
            failure.Message);
        Assert.Same(pending, failure.Pending);
        Assert.Equal((true, Cause), (failure.IsTransient, failure.InnerException));
        Assert.True(pending.Frame.IsEmpty);
        Assert.Throws<ArgumentNullException>("pending", () => new AppendOutcomeUnknownException(null!));
    }

    [Fact]
    public void Too_large_an_append_names_both_sizes()
    {
        var failure = new AppendTooLargeException(Account, 2_000_000, 1_000_000, Cause);

        Assert.Equal(
            "Cannot append to stream 'account-42': the events take 2000000 bytes as one record, and at most 1000000 are allowed. "
            + "Append fewer or smaller events at a time, or raise the limit of topic, broker and producer (max.message.bytes, message.max.bytes).",
            failure.Message);
        Assert.Equal((Account, 2_000_000, 1_000_000, Cause, false), (failure.Stream, failure.Size, failure.Limit, failure.InnerException, failure.IsTransient));
    }

    [Fact]
    public void A_stopped_store_waits_for_an_operator()
    {
        var failure = new EventStoreStoppedException("records are missing. Look.", Cause);

        Assert.Equal("The event store has stopped: records are missing. Look.", failure.Message);
        Assert.Equal((false, Cause), (failure.IsTransient, failure.InnerException));
    }

    [Fact]
    public void An_unknown_type_is_a_fault_of_serialization()
    {
        EventSerializationException failure = new UnknownEventTypeException("closed", "register it");

        Assert.Equal(("closed", "register it", false), (((UnknownEventTypeException)failure).Type, failure.Message, failure.IsTransient));
    }

    [Fact]
    public void A_resolution_has_a_result_only_when_the_append_was_accepted()
    {
        var result = new AppendResult(5, Position.At("accounts:3", 8));
        var accepted = AppendResolution.Accepted(result);

        Assert.Equal((AppendOutcome.Accepted, result), (accepted.Outcome, accepted.Result));
        Assert.Equal((AppendOutcome.Rejected, null), (AppendResolution.Rejected.Outcome, AppendResolution.Rejected.Result));
        Assert.Equal((AppendOutcome.Undecided, null), (AppendResolution.Undecided.Outcome, AppendResolution.Undecided.Result));
        Assert.Equal(accepted, AppendResolution.Accepted(new AppendResult(5, Position.At("accounts:3", 8))));
        Assert.Throws<ArgumentNullException>("result", () => AppendResolution.Accepted(null!));
    }
}
