using System.Globalization;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>One run of a benchmark: the Kafka that it runs against, and the figures that it finds.</summary>
internal sealed class BenchmarkRun(string bootstrapServers)
{
    private readonly List<string> _figures = [];

    public string BootstrapServers { get; } = bootstrapServers;

    /// <summary>Records a figure. The last lines of a run are its figures, in this order.</summary>
    /// <param name="name">What it is about and of, such as <c>publish/ratio</c>.</param>
    /// <param name="value">The value.</param>
    /// <param name="unit">The unit; <c>x</c> for a ratio.</param>
    public void Figure(string name, double value, string unit) =>
        _figures.Add(string.Create(CultureInfo.InvariantCulture, $"figure {name} {value:0.###} {unit}"));

    public void WriteFigures() => _figures.ForEach(Console.WriteLine);
}
