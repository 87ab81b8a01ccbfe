namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>What is called of a compiled mutant, whose types are not those of this assembly.</summary>
public static class RelayMutantEntry
{
    /// <summary>Plays histories until one violates an invariant, and returns which; an empty text if none does.</summary>
    public static string FindViolations(int from, int count)
    {
        for (var seed = from; seed < from + count; seed++)
        {
            if (Play(seed) is { Length: > 0 } found)
            {
                return found;
            }
        }

        return "";
    }

    private static string Play(long seed)
    {
        try
        {
            return string.Join(' ', RelaySimulation.Run(seed).Violations.Select(violation => violation.Invariant).Distinct());
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or NullReferenceException)
        {
            return "Broken";
        }
    }
}
