namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;

/// <summary>What is asked of the simulator in an assembly that was compiled from broken sources: so in types that both sides know.</summary>
public static class RedirectMutantEntry
{
    /// <summary>Returns the first seed whose history is wrong, and how; <see langword="null"/> if there is none.</summary>
    public static string? FindViolation(long seeds)
    {
        for (var seed = 0L; seed < seeds; seed++)
        {
            if (RedirectSimulation.Run(seed).Violations is [var first, ..])
            {
                return FormattableString.Invariant($"seed {seed}: {first}");
            }
        }

        return null;
    }
}
