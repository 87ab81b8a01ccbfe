namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>Why a key stands still: the first of its records failed.</summary>
internal sealed class KeyParking<TRecord>
{
    /// <summary>Gets or sets the record that failed, with what is known of its failure.</summary>
    public required TakenRecord<TRecord> Failed { get; set; }

    /// <summary>Gets since when it fails.</summary>
    public required long Since { get; init; }

    /// <summary>Gets or sets for what it is given out next.</summary>
    public WorkPurpose Next { get; set; }

    /// <summary>Gets or sets how often it was given out for that since it failed.</summary>
    public int Tries { get; set; }

    /// <summary>Gets or sets when it is given out next; <see langword="null"/> once it is its turn.</summary>
    public long? Due { get; set; }

    /// <summary>Gets or sets whether there is no more patience with it.</summary>
    public bool IsOver { get; set; }

    /// <summary>Gets or sets since when it is to be set aside.</summary>
    public long OverSince { get; set; }

    /// <summary>Gets or sets how many records of the key are held.</summary>
    public int Records { get; set; }

    /// <summary>Gets or sets how many bytes they take.</summary>
    public long Bytes { get; set; }
}
