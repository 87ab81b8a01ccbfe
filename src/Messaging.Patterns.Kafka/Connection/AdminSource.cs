using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>The admin client of one who asks again and again: another one after a failure, since a client that has taken a broker for the controller that is away stays with it for minutes.</summary>
/// <remarks>
/// A client is closed only after its last question was answered. Confluent.Kafka destroys a client by itself when it fails to read an answer, and that question is
/// then never answered; to close such a client destroys it a second time and damages the memory of the process (<see cref="Topics.FoundTopic"/>). One that may be in
/// that state is left as it is.
/// </remarks>
internal sealed class AdminSource(KafkaClients clients, TimeProvider time) : IAsyncDisposable
{
    // Longer than any question may take by its own limit.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    // What a stop waits for answers, so that as a rule nothing is left of the clients.
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private AdminLease? _current;

    /// <summary>Asks the brokers. Whoever gives up waiting leaves the question behind, and its client open until the answer comes.</summary>
    /// <exception cref="KafkaException">They do not answer, or refuse to. <see cref="Renew"/> lets the next question go out on another client.</exception>
    public async Task<T> AskAsync<T>(Func<IAdminClient, Task<T>> question, CancellationToken cancellationToken)
    {
        var lease = Hold();

        try
        {
            return await AskAsync(lease, question).WaitAsync(AnswerLimit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"no answer within {AnswerLimit}"), exception);
        }
    }

    /// <summary>The client failed: the next question goes out on another one.</summary>
    public void Renew() => Drop()?.Release();

    public async ValueTask DisposeAsync()
    {
        if (Drop() is { } lease)
        {
            lease.Release();
            await lease.Closed.WaitAsync(CloseLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<T> AskAsync<T>(AdminLease lease, Func<IAdminClient, Task<T>> question)
    {
        try
        {
            return await question(lease.Client).ConfigureAwait(false);
        }
        finally
        {
            lease.Release();
        }
    }

    private AdminLease Hold()
    {
        lock (_gate)
        {
            _current ??= new AdminLease(clients.CreateAdmin());
            _current.Hold();
            return _current;
        }
    }

    private AdminLease? Drop()
    {
        lock (_gate)
        {
            var dropped = _current;
            _current = null;
            return dropped;
        }
    }
}
