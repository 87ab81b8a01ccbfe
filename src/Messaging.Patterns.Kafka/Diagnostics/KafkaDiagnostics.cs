using System.Diagnostics;
using System.Diagnostics.Metrics;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.Diagnostics;

/// <summary>The names of traces and metrics; attributes follow OpenTelemetry's messaging conventions (https://opentelemetry.io/docs/specs/semconv/messaging/).</summary>
internal static class KafkaDiagnostics
{
    public const string Name = "Messaging.Patterns.Kafka";

    public const string Destination = "messaging.destination.name";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Gets the meter of the package.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>Gets whether anybody listens, so that activities are made at all.</summary>
    public static bool IsTraced => Source.HasListeners();

    public static Activity? StartAppend(StreamId stream) => Start("append", stream.Category, ActivityKind.Producer)?.SetTag("messaging.patterns.stream.category", stream.Category);

    public static Activity? StartSend(string topic) => Start("send", topic, ActivityKind.Producer)?.SetTag(Destination, topic);

    public static Activity? StartProcess(string topic, ActivityContext writer, string group, bool isReplay) =>
        Source.HasListeners() ? Mark(StartProcess(topic, writer, writer == default ? [] : [writer], group), isReplay) : null;

    /// <summary>Starts the activity of several events, which have no common parent, linked to their writers.</summary>
    public static Activity? StartProcess(string topic, IEnumerable<ActivityContext> writers, string group, bool isReplay) =>
        Source.HasListeners() ? Mark(StartProcess(topic, default, writers.Where(writer => writer != default).Distinct(), group), isReplay) : null;

    /// <summary>Returns the trace in which a CloudEvent was written; none if it names none that can be read.</summary>
    public static ActivityContext TraceOf(CloudEvent cloudEvent) =>
        ActivityContext.TryParse(cloudEvent.TraceParent, cloudEvent.TraceState, isRemote: true, out var trace) ? trace : default;

    private static Activity? Mark(Activity? activity, bool isReplay) => isReplay ? activity?.SetTag("messaging.patterns.replay", true) : activity;

    private static Activity? StartProcess(string topic, ActivityContext parent, IEnumerable<ActivityContext> linked, string group) =>
        Source.StartActivity(ActivityKind.Consumer, parentContext: parent, links: linked.Select(writer => new ActivityLink(writer)), name: $"process {topic}")
            ?.SetTag("messaging.system", "kafka").SetTag("messaging.operation.name", "process").SetTag("messaging.operation.type", "process")
            .SetTag(Destination, topic).SetTag("messaging.consumer.group.name", group);

    private static Activity? Start(string operation, string target, ActivityKind kind) => Source.HasListeners()
        ? Source.StartActivity($"{operation} {target}", kind)?.SetTag("messaging.system", "kafka").SetTag("messaging.operation.name", operation).SetTag("messaging.operation.type", "send")
        : null;
}
