using System.Text.Json;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>What a child process is told.</summary>
/// <param name="Scenario">The scenario that it is part of.</param>
/// <param name="Role">What it does there.</param>
/// <param name="Name">What it is called; the same after a restart.</param>
/// <param name="Incarnation">How often it was started, 1 for the first time.</param>
/// <param name="Seed">Decides what it does.</param>
/// <param name="Servers">The brokers, as the network of its zone has them.</param>
/// <param name="Folder">The run's folder: journals, outputs, and for each process a folder of its own.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Database">The connection string of the database, where the scenario has one.</param>
/// <param name="Began">When the run began, by the clock of <see cref="System.Diagnostics.Stopwatch"/>.</param>
/// <param name="Mutant">A fault that it is to have.</param>
internal sealed record ChildSettings(
    string Scenario, string Role, string Name, int Incarnation, int Seed, string Servers, string Folder, string Topic, string? Database, long Began, string? Mutant)
{
    /// <summary>Gets where the process keeps its files over restarts.</summary>
    public string OwnFolder => Path.Combine(Folder, Name);

    /// <summary>Gets where this incarnation journals.</summary>
    public string JournalPath => Path.Combine(Folder, $"{Name}.{Incarnation}{Journal.Extension}");

    /// <summary>Gets whether a process of that name has been able to work.</summary>
    public bool IsReady => File.Exists(ReadyPath);

    private string ReadyPath => Path.Combine(Folder, $"{Name}.ready");

    /// <summary>The process can work.</summary>
    public void SayReady() => File.WriteAllBytes(ReadyPath, []);

    public static ChildSettings Parse(string json) => JsonSerializer.Deserialize<ChildSettings>(json)!;

    public override string ToString() => JsonSerializer.Serialize(this);
}
