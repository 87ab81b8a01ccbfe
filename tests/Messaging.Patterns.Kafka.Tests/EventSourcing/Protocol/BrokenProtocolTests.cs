using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

/// <summary>The checker is worth something: each rule, broken on purpose, is noticed.</summary>
public sealed class BrokenProtocolTests
{
    private const int Seeds = 5_000;

    [Fact]
    public void Taking_an_acknowledgement_for_success_is_caught() =>
        AssertCaught(Mutation.AcknowledgementIsSuccess, Invariant.SuccessAcceptedOnce);

    [Fact]
    public void Taking_a_timeout_for_failure_is_caught() =>
        AssertCaught(Mutation.TimeoutIsFailure, Invariant.FailureNeverWritten);

    [Fact]
    public void Several_frames_in_flight_per_stream_are_caught() =>
        AssertCaught(Mutation.SeveralInFlightPerStream, Invariant.ConflictNeverAccepted);

    private static void AssertCaught(Mutation mutation, Invariant invariant)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            if (PartitionSimulation.Run(seed, mutation).Violations.Exists(violation => violation.Invariant == invariant))
            {
                return;
            }
        }

        Assert.Fail($"{Seeds} histories with {mutation} show no violation of {invariant}.");
    }
}
