using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>Where a redirected key stands: its first record in the retry partition that is not handled, and what is done with it next.</summary>
/// <param name="key">The key.</param>
internal sealed class KeyRetry(RecordKey key)
{
    public RecordKey Key { get; } = key;

    /// <summary>Gets or sets the record's offset in the retry partition.</summary>
    public long Offset { get; set; }

    /// <summary>Gets or sets the record's offset in the source partition.</summary>
    public long Source { get; set; }

    /// <summary>Gets or sets what is done with it next.</summary>
    public RetryStep Next { get; set; }

    /// <summary>Gets or sets how often that was tried.</summary>
    public int Tries { get; set; }

    /// <summary>Gets or sets since when that fails; <see langword="null"/> if it did not.</summary>
    public long? Since { get; set; }

    /// <summary>Gets or sets when it is done; <see langword="null"/> while it is under way, or if the partition stopped at it.</summary>
    public long? Due { get; set; }

    /// <summary>Gets or sets what is known of its failure; <see langword="null"/> if it did not fail since this owner began.</summary>
    public RecordProgress? Progress { get; set; }

    /// <summary>Something else is done with it from now on.</summary>
    public void Begin(RetryStep step) => (Next, Tries, Since) = (step, 0, null);

    /// <summary>The record is handled, or set aside: now its release is to be stored, which may fail.</summary>
    public void Handled()
    {
        Begin(RetryStep.Release);
        Progress = null;
    }
}
