namespace Messaging.Patterns.Chaos.Harness;

/// <summary>A guarantee that did not hold.</summary>
/// <param name="Kind">What it is counted as.</param>
/// <param name="Text">What was to be, and what was found.</param>
/// <param name="Subject">What it is about, such as a stream, so that its history can be shown; <see langword="null"/> for nothing in particular.</param>
/// <param name="At">When, by the clock of <see cref="System.Diagnostics.Stopwatch"/>; 0 when it has no time.</param>
internal sealed record Violation(ViolationKind Kind, string Text, string? Subject = null, long At = 0);
