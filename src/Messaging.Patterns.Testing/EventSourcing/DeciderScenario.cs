using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>A state that events have led to, on which something is to be decided.</summary>
/// <typeparam name="TState">The state.</typeparam>
public sealed class DeciderScenario<TState>
{
    internal DeciderScenario(TState state) => State = state;

    /// <summary>Gets the state.</summary>
    public TState State { get; }

    /// <summary>Decides.</summary>
    /// <param name="decide">Returns the events decided (payloads or <see cref="EventData"/>), as for <c>DecideAsync</c>. What it throws is kept for <see cref="Decided.ThenThrows"/>.</param>
    public Decided When(Func<TState, IEnumerable<object>> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);

        try
        {
            return new Decided([.. decide(State).Select(decided => decided is EventData data ? data.Payload : decided)], null);
        }
        catch (Exception exception)
        {
            return new Decided([], exception);
        }
    }
}
