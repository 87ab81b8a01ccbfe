using System.Text.Json.Serialization;

namespace Messaging.Patterns.Chaos.Outbox.History;

/// <summary>A line of a journal.</summary>
/// <param name="At">When, by the clock of <see cref="System.Diagnostics.Stopwatch"/>.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(TransactionEnded), "transaction")]
[JsonDerivedType(typeof(Broken), "broken")]
internal abstract record Entry(long At);

/// <summary>The process met what it must not meet.</summary>
internal sealed record Broken(long At, string Error) : Entry(At);

/// <summary>A transaction ended.</summary>
/// <param name="At">When.</param>
/// <param name="Ids">The events that it wrote.</param>
/// <param name="IsCommitted">Whether the database said that it is committed; <see langword="null"/> if nobody knows.</param>
internal sealed record TransactionEnded(long At, IReadOnlyList<string> Ids, bool? IsCommitted) : Entry(At);
