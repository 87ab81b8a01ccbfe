namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>The same number of rounds of both sides.</summary>
/// <param name="Ours">The library's rounds.</param>
/// <param name="Baseline">The baseline's rounds.</param>
internal sealed record Rounds<T>(IReadOnlyList<T> Ours, IReadOnlyList<T> Baseline)
{
    /// <summary>Runs both sides in turn, one round of each that does not count, then the rounds.</summary>
    /// <remarks>Which side comes first changes from round to round, so that neither profits from what the machine does over time.</remarks>
    public static async Task<Rounds<T>> RunAsync(int count, Func<Task<T>> ours, Func<Task<T>> baseline)
    {
        var (oursDone, baselineDone) = (new List<T>(), new List<T>());

        for (var round = 0; round <= count; round++)
        {
            var (first, second) = round % 2 == 0 ? (ours, baseline) : (baseline, ours);
            var (one, other) = (await first(), await second());
            var (our, @base) = round % 2 == 0 ? (one, other) : (other, one);
            Console.WriteLine($"  {(round == 0 ? "warm-up" : $"round {round}"),-8}  ours {our}   baseline {@base}");

            if (round > 0)
            {
                oursDone.Add(our);
                baselineDone.Add(@base);
            }
        }

        return new(oursDone, baselineDone);
    }

    /// <summary>Returns the median of ours divided by the baseline, round by round.</summary>
    public double Ratio(Func<T, double> of) => Ours.Zip(Baseline, (ours, baseline) => of(ours) / of(baseline)).Median();
}
