using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>One offset of the simulated partition.</summary>
/// <param name="Frame">The frame; <see langword="null"/> for a control record, which no consumer sees.</param>
/// <param name="LandedAt">When it was written.</param>
/// <param name="Call">The call whose copy it is.</param>
/// <param name="Epoch">How many leaders had been elected before the one that wrote it.</param>
/// <param name="SentAt">When the copy was handed over.</param>
internal readonly record struct SimRecord(FrameHeader? Frame, long LandedAt, SimCall? Call, int Epoch = 0, long SentAt = long.MaxValue);
