using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>A pause in which a stream is left to an append of somebody else, which lost it again and again.</summary>
/// <remarks>Compared by identity: the end of an earlier pause does not end a later one.</remarks>
internal sealed class StreamYield(StreamKey stream, AppendId rival, TimeSpan pause)
{
    public StreamKey Stream { get; } = stream;

    /// <summary>Gets the append that goes first. The pause is over when it is accepted.</summary>
    public AppendId Rival { get; } = rival;

    /// <summary>Gets how long the pause is at most.</summary>
    public TimeSpan Pause { get; } = pause;
}
