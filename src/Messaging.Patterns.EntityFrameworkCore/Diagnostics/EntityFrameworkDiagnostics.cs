using System.Diagnostics;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.EntityFrameworkCore.Diagnostics;

/// <summary>The names of traces; attributes follow OpenTelemetry's messaging conventions (https://opentelemetry.io/docs/specs/semconv/messaging/).</summary>
internal static class EntityFrameworkDiagnostics
{
    public const string Name = "Messaging.Patterns.EntityFrameworkCore";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Starts the activity of events that a subscription handles together: the child of the writer of one, linked to all writers.</summary>
    public static Activity? StartProcess(string subscription, string topic, IReadOnlyList<EventContext> events)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var writers = events.Select(one => one.Trace).Where(writer => writer != default).Distinct().ToList();
        return Source.StartActivity(
                ActivityKind.Consumer, parentContext: events.Count == 1 ? events[0].Trace : default, links: writers.Select(writer => new ActivityLink(writer)), name: $"process {topic}")
            ?.SetTag("messaging.system", "messaging.patterns").SetTag("messaging.operation.name", "process").SetTag("messaging.operation.type", "process")
            .SetTag("messaging.destination.name", topic).SetTag("messaging.consumer.group.name", subscription);
    }
}
