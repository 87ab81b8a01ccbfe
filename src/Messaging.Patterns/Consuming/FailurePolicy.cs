using Polly;

namespace Messaging.Patterns.Consuming;

/// <summary>What a consumer group does when an event cannot be handled. A failed event is never taken for handled.</summary>
public sealed class FailurePolicy
{
    private Action<ResiliencePipelineBuilder>? _retry;

    /// <summary>Gets or sets what happens to an event that retries did not cure.</summary>
    /// <value>The default is <see cref="FailureAction.Stop"/>.</value>
    public FailureAction Then { get; set; }

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

    /// <summary>Sets <see cref="Then"/> to <see cref="FailureAction.DeadLetter"/>.</summary>
    public FailurePolicy ThenDeadLetter()
    {
        Then = FailureAction.DeadLetter;
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
