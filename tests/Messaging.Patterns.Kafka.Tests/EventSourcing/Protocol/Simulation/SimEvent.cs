using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

internal enum SimEventKind
{
    Call,
    Read,
    Land,
    Report,
    Tail,
    Wake,
    Resend,
    YieldOver,
    AskEnd,
    EndAnswer,
    GiveUp,
    Trouble,
    Loss,
}

/// <summary>Something that happens at a moment of the simulated time.</summary>
/// <param name="Kind">What.</param>
/// <param name="Instance">To which instance; it is dropped if that one has crashed.</param>
/// <param name="Subject">The copy, append, read or pause.</param>
/// <param name="Number">An offset, a report's kind (negative), or nothing.</param>
internal readonly record struct SimEvent(SimEventKind Kind, SimInstance? Instance = null, object? Subject = null, long Number = 0)
{
    public const long ReportsUncertain = -1;
    public const long ReportsNotPersisted = -2;
}
