using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>A frame that the checker's own reading of rule F accepts.</summary>
internal readonly record struct AcceptedFrame(int Offset, FrameHeader Header, long LandedAt, SimCall? Call);
