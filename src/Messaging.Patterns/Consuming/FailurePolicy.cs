using Polly;

namespace Messaging.Patterns.Consuming;

/// <summary>What a consumer group does when an event cannot be handled. A failed event is never taken for handled.</summary>
public sealed class FailurePolicy
{
    private Action<ResiliencePipelineBuilder>? _retry;

    /// <summary>Gets or sets how often an event that failed is tried again later, while it and the later events of its key wait and other keys go on.</summary>
    /// <value>At least 0, which does at once what <see cref="Then"/> says; <see langword="null"/>, the default, for as often as <see cref="MaxUncommittedTime"/> allows.</value>
    public int? DelayedRetries { get; set; }

    /// <summary>Gets or sets how long a key waits before the first of these tries; before each further one it waits twice as long.</summary>
    /// <value>Positive; the default is 1 second.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the longest such wait.</summary>
    /// <value>At least <see cref="RetryDelay"/>; the default is 1 minute.</value>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets for how long an event that fails may hold up its key, and the commit of its partition. Then <see cref="Then"/> is done.</summary>
    /// <value>
    /// Positive; the default is 15 minutes. What was handled meanwhile of other keys comes again after a crash. The same is done when the consumer holds more records
    /// behind the event than it may.
    /// </value>
    public TimeSpan MaxUncommittedTime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets or sets how many records of keys that wait this process holds. One more, and <see cref="Then"/> is done for its key.</summary>
    /// <value>At least 1; the default is 10,000. At most a quarter of what the group may hold counts.</value>
    public int MaxParkedRecords { get; set; } = 10_000;

    /// <summary>Gets or sets how many bytes those records take.</summary>
    /// <value>At least 1; the default is 16 MiB. At most a quarter of what the group may hold counts.</value>
    public long MaxParkedBytes { get; set; } = 16L << 20;

    /// <summary>Gets or sets what happens to an event that no retry cured.</summary>
    /// <value>The default is <see cref="FailureAction.Stop"/>.</value>
    public FailureAction Then { get; set; }

    /// <summary>Gets what happens to redirected keys, if <see cref="Then"/> is <see cref="FailureAction.Redirect"/>.</summary>
    public RedirectPolicy Redirected { get; } = new();

    /// <summary>Gets whether events may become dead letters.</summary>
    public bool MakesDeadLetters => (Then == FailureAction.Redirect ? Redirected.Then : Then) == FailureAction.DeadLetter;

    /// <summary>Sets the pipeline through which every call of a handler goes, for retries in place, time-outs or a circuit breaker.</summary>
    /// <remarks>
    /// While it waits, the event keeps its place among the handler calls at once, and later events of its key wait. The handler sees each try in
    /// <see cref="EventContext.Attempt"/>. A pipeline that returns although the handler was not done has failed.
    /// </remarks>
    /// <param name="configure">Adds strategies, in the order from the outermost; called again, it adds inner ones.</param>
    public FailurePolicy Retry(Action<ResiliencePipelineBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _retry += configure;
        return this;
    }

    /// <summary>Sets a pipeline that is made already, such as one that several groups share.</summary>
    /// <param name="pipeline">The pipeline.</param>
    public FailurePolicy Retry(ResiliencePipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return Retry(builder => builder.AddPipeline(pipeline));
    }

    /// <summary>Sets how an event that failed is tried again later.</summary>
    /// <param name="retries">How often; <see langword="null"/> for as often as there is time. See <see cref="DelayedRetries"/>.</param>
    /// <param name="delay">The first wait; <see langword="null"/> leaves <see cref="RetryDelay"/> as it is.</param>
    /// <param name="longestDelay">The longest wait; <see langword="null"/> leaves <see cref="MaxRetryDelay"/> as it is.</param>
    public FailurePolicy RetryLater(int? retries = null, TimeSpan? delay = null, TimeSpan? longestDelay = null)
    {
        (DelayedRetries, RetryDelay, MaxRetryDelay) = (retries, delay ?? RetryDelay, longestDelay ?? MaxRetryDelay);
        return this;
    }

    /// <summary>Sets that nothing is tried again later: what retries in place do not cure is dealt with at once.</summary>
    public FailurePolicy WithoutRetryLater() => RetryLater(retries: 0);

    /// <summary>Sets <see cref="Then"/> to <see cref="FailureAction.Stop"/>.</summary>
    public FailurePolicy ThenStop()
    {
        Then = FailureAction.Stop;
        return this;
    }

    /// <summary>Sets <see cref="Then"/> to <see cref="FailureAction.DeadLetter"/>.</summary>
    public FailurePolicy ThenDeadLetter()
    {
        Then = FailureAction.DeadLetter;
        return this;
    }

    /// <summary>Sets <see cref="Then"/> to <see cref="FailureAction.Redirect"/>.</summary>
    /// <param name="configure">Sets <see cref="Redirected"/>; <see langword="null"/> leaves it as it is.</param>
    public FailurePolicy ThenRedirect(Action<RedirectPolicy>? configure = null)
    {
        Then = FailureAction.Redirect;
        configure?.Invoke(Redirected);
        return this;
    }

    /// <summary>Makes the pipeline; <see langword="null"/> if handlers are called without one.</summary>
    /// <param name="time">The clock of its delays.</param>
    public HandlerPipeline? BuildPipeline(TimeProvider time)
    {
        if (_retry is null)
        {
            return null;
        }

        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        _retry(builder);
        return new HandlerPipeline(builder.Build());
    }
}
