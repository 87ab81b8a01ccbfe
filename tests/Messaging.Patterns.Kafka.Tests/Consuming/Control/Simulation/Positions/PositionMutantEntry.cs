namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>What is asked of the simulator in an assembly that was compiled from broken sources: so in types that both sides know.</summary>
public static class PositionMutantEntry
{
    /// <summary>Returns the first seed, from one on, whose history violates an invariant, any if none is named, and how; <see langword="null"/> if there is none.</summary>
    public static string? FindViolation(string? invariant, long start, long seeds)
    {
        for (var seed = start; seed < start + seeds; seed++)
        {
            if (PositionSimulation.Run(seed).Violations.Find(violation => invariant is null || violation.Invariant.ToString() == invariant) is { Text: not null } found)
            {
                return FormattableString.Invariant($"seed {seed}: {found.Text}");
            }
        }

        return null;
    }
}
