using System.Text.Json.Serialization;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Chaos.Consume.History;

/// <summary>A line of a journal.</summary>
/// <param name="At">When, by the clock of <see cref="System.Diagnostics.Stopwatch"/>.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(Published), "published")]
[JsonDerivedType(typeof(HandlingBegun), "handling")]
[JsonDerivedType(typeof(HandlingEnded), "handled")]
[JsonDerivedType(typeof(RewindPlanned), "planned")]
[JsonDerivedType(typeof(Ordered), "ordered")]
[JsonDerivedType(typeof(Broken), "broken")]
internal abstract record Entry(long At);

/// <summary>The process met what it must not meet.</summary>
internal sealed record Broken(long At, string Error) : Entry(At);

/// <summary>An event was acknowledged.</summary>
/// <param name="At">When.</param>
/// <param name="Key">The event's key.</param>
/// <param name="Number">Its number.</param>
/// <param name="Position">Where it is, as it was told.</param>
internal sealed record Published(long At, string Key, long Number, string Position) : Entry(At);

/// <summary>A handler was called.</summary>
internal sealed record HandlingBegun(long At, int Partition, long Offset, string Key, long Number, long Epoch, bool IsReplay, int Attempt) : Entry(At);

/// <summary>A handler succeeded.</summary>
internal sealed record HandlingEnded(long At, int Partition, long Offset, long Epoch) : Entry(At);

/// <summary>A rewind was planned.</summary>
/// <param name="At">When.</param>
/// <param name="Group">The group.</param>
/// <param name="Time">The time to go back to; <see langword="null"/> where an offset was given.</param>
/// <param name="Partitions">What was planned, before anything was left out of it.</param>
internal sealed record RewindPlanned(long At, string Group, DateTimeOffset? Time, IReadOnlyList<PlannedRewind> Partitions) : Entry(At);

/// <summary>An order was given, or may have been.</summary>
/// <param name="At">When it was stored, or given up.</param>
/// <param name="What">What was ordered.</param>
/// <param name="Error">Why it is not known to be stored; <see langword="null"/> if it is.</param>
internal sealed record Ordered(long At, string What, string? Error = null) : Entry(At);
