using Messaging.Patterns.Kafka.EventSourcing;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>The baselines' serializers by layout.</summary>
internal static class RawFrames
{
    public static IRawFrames Create(LogLayout layout) => layout == LogLayout.Binary ? new RawBinaryFrames() : new RawCloudEvents();
}
