namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>A test in the form given, when, then found something else than it demands.</summary>
/// <param name="expected">What was demanded.</param>
/// <param name="actual">What was decided.</param>
/// <param name="inner">What the decision threw, or <see langword="null"/>.</param>
public sealed class ScenarioFailedException(string expected, string actual, Exception? inner = null)
    : MessagingException($"Expected {expected}, but the decision led to {actual}.", inner)
{
    /// <summary>Gets what was demanded.</summary>
    public string Expected { get; } = expected;

    /// <summary>Gets what was decided.</summary>
    public string Actual { get; } = actual;
}
