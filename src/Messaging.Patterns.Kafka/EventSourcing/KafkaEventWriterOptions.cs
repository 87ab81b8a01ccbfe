namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Options of appending to the event store on Kafka. Bound from the configuration section <c>Messaging:Kafka:Writer</c>.</summary>
public sealed class KafkaEventWriterOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = KafkaOptions.Section + ":Writer";

    /// <summary>Gets or sets how long an append may take when the call does not say.</summary>
    /// <value>Positive, at most 24 days; the default is 30 seconds.</value>
    public TimeSpan AppendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many appends may be under way at once; further calls wait.</summary>
    /// <value>At least 1; the default is 50,000.</value>
    public int MaxPendingAppends { get; set; } = 50_000;

    /// <summary>Gets or sets how many bytes the frames of these appends may have together; further calls wait. A larger one goes alone.</summary>
    /// <value>At least 1; the default is 256 MiB.</value>
    public long MaxPendingBytes { get; set; } = 256 << 20;

    /// <summary>Gets or sets in which form appends are written. Readers read every form, so the writers of one topic need not agree.</summary>
    /// <value>The default is <see cref="LogLayout.CloudEvents"/>.</value>
    public LogLayout Layout { get; set; }

    /// <summary>Gets or sets whether records carry a <c>content-type</c> header, for consumers that look for it. It takes a third of the append rate.</summary>
    /// <value>The default is <see langword="false"/>; possible only with <see cref="LogLayout.CloudEvents"/>, since nothing but this library reads the other.</value>
    public bool WriteContentTypeHeader { get; set; }

    /// <summary>Gets or sets the file in which a process without a read store keeps stream versions, so that its next start need not fold the whole log.</summary>
    /// <value>The default is <see langword="null"/>: every start folds the log from its beginning. Not used where there is a read store.</value>
    public string? CheckpointPath { get; set; }

    /// <summary>Gets or sets how often that file is written, besides at the stop.</summary>
    /// <value>Positive, at most 24 days; the default is 1 minute.</value>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromMinutes(1);
}
