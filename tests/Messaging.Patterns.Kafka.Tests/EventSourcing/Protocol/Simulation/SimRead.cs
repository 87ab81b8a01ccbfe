using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>One read of a stream's version, made once the instance has folded up to <see cref="From"/>.</summary>
internal sealed class SimRead
{
    public required StreamKey Stream { get; init; }

    public required int Client { get; init; }

    public required SimReadKind Kind { get; init; }

    public required long InvokedAt { get; init; }

    /// <summary>Gets or sets the position to wait for; <see langword="null"/> while it is not known.</summary>
    public long? From { get; set; }

    /// <summary>Gets or sets whether a deposed leader said where the log ends: then a strong read promises no more than a local one.</summary>
    public bool IsMisled { get; set; }

    public long AnsweredAt { get; set; } = -1;

    public long Version { get; set; }

    /// <summary>Gets or sets the position of the instance when it answered.</summary>
    public long Position { get; set; }

    /// <summary>Gets or sets whether the instance that answered had folded what the log held then.</summary>
    public bool IsSound { get; set; }

    /// <summary>Gets whether the answer must be one that was current at some moment of the read.</summary>
    public bool MustBeCurrent => Kind == SimReadKind.Linearizable || (Kind == SimReadKind.Strong && !IsMisled);
}
