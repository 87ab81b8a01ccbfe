namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>One thing that the library does, measured against code without the library that does the same work.</summary>
internal interface IBenchmark
{
    string Name { get; }

    /// <summary>Gets what is compared with what, in one line.</summary>
    string Summary { get; }

    /// <summary>Gets whether it takes too long to be part of a run of all.</summary>
    bool IsNamedOnly => false;

    Task RunAsync(BenchmarkRun run);
}
