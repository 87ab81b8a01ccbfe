namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>The names in the library's own headers of dead letters, public as documented in <c>docs/formats.md</c>. Values are text in UTF-8.</summary>
internal static class DeadLetterFormat
{
    public const string Group = "dead-letter-group";
    public const string Topic = "dead-letter-topic";
    public const string Partition = "dead-letter-partition";
    public const string Offset = "dead-letter-offset";
    public const string Index = "dead-letter-index";
    public const string Version = "dead-letter-stream-version";
    public const string Epoch = "dead-letter-epoch";
    public const string Timestamp = "dead-letter-timestamp";
    public const string Attempts = "dead-letter-attempts";
    public const string ExceptionType = "dead-letter-exception-type";
    public const string ExceptionMessage = "dead-letter-exception-message";
    public const string Time = "dead-letter-time";

    /// <summary>How many headers the record had, which stand before ours, so that exactly they are brought back even if some have our names.</summary>
    public const string OriginalHeaders = "dead-letter-original-headers";

    /// <summary>In a mark: the offset, in the mark's own partition, of the dead letter that was replayed.</summary>
    public const string Replayed = "dead-letter-replayed";

    /// <summary>The longest exception message that is kept, in characters.</summary>
    public const int LongestMessage = 4_000;

    /// <summary>Returns the name of a group's dead letter topic, unless it is given another.</summary>
    public static string TopicOf(string group) => $"{group}.dead-letters";
}
