using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.IntegrationTests.Consuming;

[EventType("counted")]
public sealed record Counted(int Number);

[EventType("renamed")]
public sealed record Renamed(string Name);
