using System.Diagnostics;

namespace Messaging.Patterns.Diagnostics;

/// <summary>The trace in which something is written: the caller's, as W3C Trace Context (https://www.w3.org/TR/trace-context/) names it.</summary>
internal static class CallerTrace
{
    /// <summary>Gets it, or <see langword="null"/> if there is none, or none of that format.</summary>
    public static Activity? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: not null } activity ? activity : null;

    /// <summary>Gets its state, or <see langword="null"/> if it has none: an empty one is not written.</summary>
    public static string? State => Current?.TraceStateString is { Length: > 0 } state ? state : null;
}
