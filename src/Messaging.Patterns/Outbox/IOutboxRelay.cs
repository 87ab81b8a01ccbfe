namespace Messaging.Patterns.Outbox;

/// <summary>Acts on the relay of a context in this process, and on what it has parked.</summary>
/// <typeparam name="TContext">The context whose outbox it sends.</typeparam>
public interface IOutboxRelay<TContext>
{
    /// <summary>Gets whether this instance sends nothing. Other instances go on with the keys that they have.</summary>
    bool IsPaused { get; }

    /// <summary>Gets how many events this instance holds in memory.</summary>
    int Held { get; }

    /// <summary>Stops sending; what is under way comes to its end, and this instance keeps its keys.</summary>
    void Pause();

    /// <summary>Goes on sending.</summary>
    void Resume();

    /// <summary>Returns the events that were parked, the earliest numbers first.</summary>
    /// <param name="atMost">How many at most.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<IReadOnlyList<ParkedEvent>> GetParkedAsync(int atMost, CancellationToken cancellationToken = default);

    /// <summary>Puts the parked events of a key back, before those that wait behind them, after what was wrong is corrected: such as the topic, which now exists.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>How many events of the key wait to be sent now; 0 if none was parked.</returns>
    Task<int> ReplayAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Deletes a parked event for good. If it was the last one of its key, those that wait behind it are sent.</summary>
    /// <param name="id">The event's number.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Whether it was parked.</returns>
    Task<bool> SkipAsync(long id, CancellationToken cancellationToken = default);
}
