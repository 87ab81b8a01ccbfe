using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>Begins a test of a decision in the form given, when, then.</summary>
public static class DeciderScenarioExtensions
{
    /// <summary>Evolves the initial state by events that have happened.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="decider">How the state follows from the events.</param>
    /// <param name="events">The payloads of the events, in their order; none for a new stream.</param>
    /// <returns>The scenario, to be followed by <see cref="DeciderScenario{TState}.When"/>.</returns>
    public static DeciderScenario<TState> Given<TState>(this Decider<TState> decider, params object[] events)
    {
        ArgumentNullException.ThrowIfNull(decider);
        ArgumentNullException.ThrowIfNull(events);
        return new(events.Aggregate(decider.Initial, decider.Evolve));
    }
}
