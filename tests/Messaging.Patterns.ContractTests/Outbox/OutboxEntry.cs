namespace Messaging.Patterns.ContractTests.Outbox;

/// <summary>What is to be published, as a relay finds it.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Key">The key.</param>
/// <param name="Id">The event's id; <see langword="null"/> for a tombstone.</param>
/// <param name="Type">The event's type name; <see langword="null"/> for a tombstone.</param>
/// <param name="Headers">Headers of the record, beside the content type.</param>
/// <param name="NotBefore">When it is due; <see langword="null"/> for at once.</param>
public sealed record OutboxEntry(string Topic, string Key, string? Id, string? Type, IReadOnlyDictionary<string, string> Headers, DateTimeOffset? NotBefore);
