using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>What a stream store holds of one partition.</summary>
internal interface IPartitionStore
{
    /// <summary>Sets what is called, from any thread, when everything below an offset is committed and readable.</summary>
    Action<long>? Committed { set; }

    /// <summary>Sets what is called, from any thread, when the store cannot go on; at once if that is so already.</summary>
    Action<MessagingException>? Failed { set; }

    /// <summary>Returns what was committed before this process started, or <see langword="null"/> for a partition never seen. Called once, before anything else.</summary>
    PartitionCheckpoint? Restore();

    /// <summary>Remembers which topic is folded into the partition, before the first record of it is handed over.</summary>
    /// <remarks>A crash before that leaves a partition in which nothing is folded, or one that names no topic yet: the next start says it again.</remarks>
    void Adopt(TopicIdentity identity);

    /// <summary>Hands over the next folded record of the partition; called in order of offsets, never blocks.</summary>
    void Append(in FoldedRecord record);
}
