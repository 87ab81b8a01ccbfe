using System.Diagnostics;

namespace Messaging.Patterns.EventSourcing;

/// <summary>An event as a store without a log of its own holds it: serialized.</summary>
internal sealed record StoredEvent(string Id, RawEvent Raw, DateTimeOffset Time, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Gets the id of the append that holds it; none where it is not in a stream.</summary>
    public AppendId AppendId { get; init; }

    /// <summary>Gets the trace of its writer, or the default.</summary>
    public ActivityContext Trace { get; init; }
}
