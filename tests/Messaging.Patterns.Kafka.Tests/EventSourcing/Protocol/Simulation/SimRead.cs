using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>One read of a stream's version, made once the instance has folded up to <see cref="From"/>.</summary>
internal sealed class SimRead
{
    public required StreamKey Stream { get; init; }

    public required int Client { get; init; }

    public required bool IsStrong { get; init; }

    public required long InvokedAt { get; init; }

    /// <summary>Gets or sets the position to wait for; <see langword="null"/> while the log's end is being asked for.</summary>
    public long? From { get; set; }

    public long AnsweredAt { get; set; } = -1;

    public long Version { get; set; }

    /// <summary>Gets or sets the position of the instance when it answered.</summary>
    public long Position { get; set; }
}
