namespace Messaging.Patterns.ContractTests.Publishing;

/// <summary>A published event as a receiver finds it.</summary>
public sealed record StoredMessage(string Key, string Id, string Type, DateTimeOffset Time, object Payload, IReadOnlyDictionary<string, string> Metadata);
