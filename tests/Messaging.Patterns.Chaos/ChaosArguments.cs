using System.Globalization;

namespace Messaging.Patterns.Chaos;

/// <summary>What the command line asks for.</summary>
/// <param name="Name">The scenario.</param>
/// <param name="Duration">How long faults are caused.</param>
/// <param name="Seed">Decides which faults come, and what clients do.</param>
/// <param name="Mutant">A fault of the program itself that the checker must notice; <see langword="null"/> for none.</param>
internal sealed record ChaosArguments(string Name, TimeSpan Duration, int Seed, string? Mutant)
{
    public const string Usage = "Usage: NAME [--minutes N | --seconds N] [--seed S] | --list";

    /// <summary>Parses a command line; <see langword="null"/> when it is not understood.</summary>
    public static ChaosArguments? Parse(string[] args) =>
        args is [var name, .. var rest] && !name.StartsWith('-') ? Parse(rest, new ChaosArguments(name, TimeSpan.FromMinutes(1), Random.Shared.Next(1, 1_000_000), null)) : null;

    private static ChaosArguments? Parse(string[] args, ChaosArguments parsed) => args switch
    {
        [] => parsed,
        ["--minutes", var text, .. var rest] when IsTime(text, out var minutes) => Parse(rest, parsed with { Duration = TimeSpan.FromMinutes(minutes) }),
        ["--seconds", var text, .. var rest] when IsTime(text, out var seconds) => Parse(rest, parsed with { Duration = TimeSpan.FromSeconds(seconds) }),
        ["--seed", var text, .. var rest] when int.TryParse(text, CultureInfo.InvariantCulture, out var seed) => Parse(rest, parsed with { Seed = seed }),
        ["--mutant", var mutant, .. var rest] => Parse(rest, parsed with { Mutant = mutant }),
        _ => null,
    };

    private static bool IsTime(string text, out double time) => double.TryParse(text, CultureInfo.InvariantCulture, out time) && time is > 0 and < 100_000;
}
