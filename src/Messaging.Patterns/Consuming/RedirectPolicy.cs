namespace Messaging.Patterns.Consuming;

/// <summary>What a consumer group does with events of redirected keys, which wait in a retry topic and hold nothing else up.</summary>
public sealed class RedirectPolicy
{
    /// <summary>Gets or sets how often an event of a redirected key that failed is tried again.</summary>
    /// <value>At least 0; <see langword="null"/>, the default, for as often as <see cref="MaxTime"/> allows.</value>
    public int? Retries { get; set; }

    /// <summary>Gets or sets how long a key waits before the first try after it was redirected, and after its event failed again; before each further one it waits twice as long.</summary>
    /// <value>Positive; the default is 10 seconds.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the longest such wait.</summary>
    /// <value>At least <see cref="RetryDelay"/>; the default is 5 minutes.</value>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets for how long an event of a redirected key may fail. Then <see cref="Then"/> is done.</summary>
    /// <value>Positive; the default is 1 day. It begins anew when another instance takes the partition over, or this one is started again.</value>
    public TimeSpan MaxTime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets what happens to an event of a redirected key that no retry cured.</summary>
    /// <value><see cref="FailureAction.Stop"/>, the default, or <see cref="FailureAction.DeadLetter"/>.</value>
    public FailureAction Then { get; set; }

    /// <summary>Sets <see cref="Then"/> to <see cref="FailureAction.Stop"/>.</summary>
    public RedirectPolicy ThenStop()
    {
        Then = FailureAction.Stop;
        return this;
    }

    /// <summary>Sets <see cref="Then"/> to <see cref="FailureAction.DeadLetter"/>.</summary>
    public RedirectPolicy ThenDeadLetter()
    {
        Then = FailureAction.DeadLetter;
        return this;
    }
}
