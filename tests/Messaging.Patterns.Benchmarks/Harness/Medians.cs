namespace Messaging.Patterns.Benchmarks.Harness;

internal static class Medians
{
    public static double Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    public static double Median<T>(this IEnumerable<T> items, Func<T, double> of) => items.Select(of).Median();
}
