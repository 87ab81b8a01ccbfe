namespace Messaging.Patterns.Chaos.Harness;

/// <summary>What became of a run.</summary>
/// <param name="Acked">How much was acknowledged.</param>
/// <param name="Faults">How many faults were caused.</param>
/// <param name="Violations">What did not hold.</param>
/// <param name="ShowHistory">Returns the history around a violation, line by line.</param>
internal sealed record Verdict(int Acked, int Faults, IReadOnlyList<Violation> Violations, Func<Violation, IEnumerable<string>> ShowHistory)
{
    // What is wrong once is usually wrong often; the first ones tell.
    private const int MaxShown = 10;

    /// <summary>Gets what is worth knowing and breaks no promise.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    public bool IsClean => Violations.Count == 0;

    public void Explain(TextWriter output, string heading)
    {
        output.WriteLine($"{Violations.Count} violations. {heading}");

        foreach (var violation in Violations.Take(MaxShown))
        {
            output.WriteLine();
            output.WriteLine($"{violation.Kind.ToString().ToLowerInvariant()}: {violation.Text}");

            foreach (var line in ShowHistory(violation))
            {
                output.WriteLine($"  {line}");
            }
        }

        output.WriteLine();
    }

    /// <summary>Returns the figures of the last line.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"acked={Acked} lost={Count(ViolationKind.Lost)} duplicated={Count(ViolationKind.Duplicated)} reordered={Count(ViolationKind.Reordered)} faults={Faults}");

    private int Count(ViolationKind kind) => Violations.Count(violation => violation.Kind == kind);
}
