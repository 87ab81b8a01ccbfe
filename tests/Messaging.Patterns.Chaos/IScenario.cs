using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos;

/// <summary>A fault run: processes that use the library, faults meanwhile, and a judgement of what they saw.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>Gets what is done and judged, in one line.</summary>
    string Summary { get; }

    /// <summary>Gets the faults of the program itself that the judgement must notice.</summary>
    IReadOnlyList<string> Mutants { get; }

    /// <summary>Runs it, in the program that the user started.</summary>
    Task<Verdict> RunAsync(ChaosRun run);

    /// <summary>Runs one of its processes, in a child of that program, until it is told to stop.</summary>
    Task RunChildAsync(ChildSettings settings, CancellationToken stopping);
}
