namespace Messaging.Patterns.EventSourcing;

/// <summary>How the state of a stream follows from its events: an initial state, and a function that evolves it by one event.</summary>
/// <typeparam name="TState">The state. It should be immutable: the initial state is shared by all streams.</typeparam>
/// <param name="Initial">The state of a stream without events.</param>
/// <param name="Evolve">Returns the state after one more event. It must be pure, and must pass over events that it does not care about.</param>
public sealed record Decider<TState>(TState Initial, Func<TState, object, TState> Evolve);
