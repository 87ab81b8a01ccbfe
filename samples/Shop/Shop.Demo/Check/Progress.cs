using System.Diagnostics;
using System.Globalization;

namespace Shop.Demo.Check;

/// <summary>Says what the check does, and when.</summary>
internal sealed class Progress(TextWriter output)
{
    private readonly Stopwatch _since = Stopwatch.StartNew();

    public TimeSpan Elapsed => _since.Elapsed;

    public void Say(string text) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_since.Elapsed.TotalSeconds,6:0.0} s  {text}"));
}
