using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos;

/// <summary>Runs a scenario and tells its verdict.</summary>
internal static class ChaosProgram
{
    public static async Task<int> RunAsync(IScenario scenario, ChaosArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Mutant is { } mutant && !scenario.Mutants.Contains(mutant))
        {
            Console.Error.WriteLine($"There is no mutant {mutant} of {scenario.Name}: {string.Join(", ", scenario.Mutants)}.");
            return 2;
        }

        Console.WriteLine($"chaos {scenario.Name}: {arguments.Duration.TotalSeconds:N0} s, seed {arguments.Seed}");
        Verdict verdict;
        string folder;

        await using (var run = await ChaosRun.StartAsync(arguments, scenario.Name, cancellationToken))
        {
            folder = run.Folder;
            verdict = await scenario.RunAsync(run);
        }

        foreach (var remark in verdict.Remarks)
        {
            Console.WriteLine($"remark: {remark}");
        }

        // What led to a violation is kept; everything else goes.
        if (verdict.IsClean)
        {
            Directory.Delete(folder, recursive: true);
        }
        else
        {
            verdict.Explain(Console.Out, $"Seed {arguments.Seed}. Journals and outputs of all processes are kept in {folder}");
        }

        Console.WriteLine($"chaos {scenario.Name} {verdict}");
        return verdict.IsClean ? 0 : 1;
    }
}
