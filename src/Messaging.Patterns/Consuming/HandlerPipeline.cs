using Polly;

namespace Messaging.Patterns.Consuming;

/// <summary>Calls handlers through the pipeline of a <see cref="FailurePolicy"/>, and counts.</summary>
public sealed class HandlerPipeline
{
    private readonly ResiliencePipeline _pipeline;

    internal HandlerPipeline(ResiliencePipeline pipeline) => _pipeline = pipeline;

    /// <summary>Calls handlers as often as the pipeline wants.</summary>
    /// <param name="call">Hands an event, or several, to its handlers; takes the number of the attempt.</param>
    /// <param name="attempts">How often the event was handed over before.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits any more.</param>
    /// <returns>What went wrong, <see langword="null"/> if the handlers are done; and how often the event was handed over by now.</returns>
    public async ValueTask<(Exception? Error, int Attempts)> RunAsync(Func<int, CancellationToken, ValueTask> call, int attempts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        var handed = new Handed(call) { Attempts = attempts };

        try
        {
            await _pipeline.ExecuteAsync(static (one, token) => one.OverAsync(token), handed, cancellationToken).ConfigureAwait(false);
            return (handed.IsDone ? null : new MessagingException("The pipeline for retries returned although the handler was not done: a strategy in it hides failures. Remove it."), handed.Attempts);
        }
        catch (Exception exception)
        {
            return (exception, handed.Attempts);
        }
    }

    private sealed class Handed(Func<int, CancellationToken, ValueTask> call)
    {
        public int Attempts { get; set; }

        public bool IsDone { get; private set; }

        public async ValueTask OverAsync(CancellationToken cancellationToken)
        {
            await call(++Attempts, cancellationToken).ConfigureAwait(false);
            IsDone = true;
        }
    }
}
