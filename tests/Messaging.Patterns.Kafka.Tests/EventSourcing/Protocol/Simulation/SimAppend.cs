using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>An append inside a simulated instance.</summary>
internal sealed class SimAppend : Append
{
    public SimAppend(SimCall call)
        : base(call.Stream, call.Id, call.Expected, call.Count) => Call = call;

    public SimAppend(SimCall call, in AppendDecision unknown)
        : base(new AppendKey(call.Stream, call.Id), unknown.FirstVersion, call.Count, unknown.Base) => Call = call;

    public SimCall Call { get; }
}
