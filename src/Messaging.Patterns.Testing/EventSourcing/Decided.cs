namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>What was decided: events, or an exception.</summary>
public sealed class Decided
{
    internal Decided(IReadOnlyList<object> events, Exception? exception) => (Events, Exception) = (events, exception);

    /// <summary>Gets the payloads of the events decided, in their order; none when the decision threw.</summary>
    public IReadOnlyList<object> Events { get; }

    /// <summary>Gets what the decision threw, or <see langword="null"/>.</summary>
    public Exception? Exception { get; }

    /// <summary>Demands exactly these events, in this order. They are compared by <see cref="object.Equals(object)"/>: records by value.</summary>
    /// <param name="expected">The payloads of the events.</param>
    /// <exception cref="ScenarioFailedException">Something else was decided.</exception>
    public void Then(params object[] expected)
    {
        ArgumentNullException.ThrowIfNull(expected);

        if (Exception is not null || !Events.SequenceEqual(expected))
        {
            throw new ScenarioFailedException(Describe(expected), Describe(), Exception);
        }
    }

    /// <summary>Demands that nothing was decided.</summary>
    /// <exception cref="ScenarioFailedException">Something was decided.</exception>
    public void ThenNothing() => Then();

    /// <summary>Demands that the decision threw.</summary>
    /// <typeparam name="TException">The type of the exception, or a base of it.</typeparam>
    /// <returns>The exception, to look at it closer.</returns>
    /// <exception cref="ScenarioFailedException">It threw nothing, or something else.</exception>
    public TException ThenThrows<TException>()
        where TException : Exception =>
        Exception as TException ?? throw new ScenarioFailedException($"an exception of type {typeof(TException)}", Describe(), Exception);

    private static string Describe(IReadOnlyList<object> events) => events.Count == 0 ? "no events" : string.Join(", ", events);

    private string Describe() => Exception is null ? Describe(Events) : $"an exception of type {Exception.GetType()}: {Exception.Message}";
}
