using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>One append as its client sees it.</summary>
internal sealed class SimCall
{
    public required int Number { get; init; }

    public required StreamKey Stream { get; init; }

    public required AppendId Id { get; init; }

    public required ExpectedVersion Expected { get; init; }

    public required int Count { get; init; }

    public required long InvokedAt { get; init; }

    /// <summary>Gets or sets whether another call has the same append id.</summary>
    public bool IsRepeated { get; set; }

    /// <summary>Gets or sets the pending call with the same id that it joined at its instance.</summary>
    public SimCall? Joined { get; set; }

    public long AnsweredAt { get; private set; } = -1;

    /// <summary>Gets whether the instance that answered had folded what the log held then. One that folded lost records is right until it notices at most.</summary>
    public bool IsSound { get; private set; }

    /// <summary>Gets or sets whether a frame of it, or the pending append that its unknown outcome left, was chosen on records that are lost.</summary>
    public bool IsStray { get; set; }

    public AppendDecision? Answer { get; private set; }

    /// <summary>Gets or sets whether the client's instance crashed, so that no answer comes.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Gets what resolving an unknown outcome said, every time it was asked; undecided answers aside.</summary>
    public List<SimResolution> Resolutions { get; } = [];

    public void Answered(in AppendDecision answer, long now, bool isSound)
    {
        if (Answer is not null)
        {
            throw new InvalidOperationException($"Call {Number} was answered twice: {Answer.Value.Kind}, then {answer.Kind}.");
        }

        (Answer, AnsweredAt, IsSound) = (answer, now, isSound);
    }

    public override string ToString() => $"call {Number} (append {Id.Value.ToString("N")[..6]} of {Count} to {Stream.Value}, expects {Expected})";
}
