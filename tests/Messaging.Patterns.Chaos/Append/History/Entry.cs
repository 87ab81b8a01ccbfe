using System.Text.Json.Serialization;

namespace Messaging.Patterns.Chaos.Append.History;

/// <summary>A line of a journal.</summary>
/// <param name="At">When, by the clock of <see cref="System.Diagnostics.Stopwatch"/>.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(AppendBegun), "append")]
[JsonDerivedType(typeof(AppendEnded), "appended")]
[JsonDerivedType(typeof(ResolveBegun), "resolve")]
[JsonDerivedType(typeof(ResolveEnded), "resolved")]
[JsonDerivedType(typeof(ReadBegun), "read")]
[JsonDerivedType(typeof(ReadEnded), "seen")]
[JsonDerivedType(typeof(HandlingBegun), "handling")]
[JsonDerivedType(typeof(HandlingEnded), "handled")]
[JsonDerivedType(typeof(VersionProbed), "version")]
[JsonDerivedType(typeof(FeedRead), "feed")]
[JsonDerivedType(typeof(Broken), "broken")]
internal abstract record Entry(long At);

/// <summary>The process met what it must not meet: a store that stopped, an exception that is not in the contract.</summary>
internal sealed record Broken(long At, string Error) : Entry(At);

internal sealed record AppendBegun(long At, int Call, AppendWork Work) : Entry(At);

/// <param name="At">When the answer was there.</param>
/// <param name="Call">The call.</param>
/// <param name="Answer">What was answered.</param>
/// <param name="Version">The version of a success, the actual version of a conflict.</param>
/// <param name="Position">The position of a success.</param>
/// <param name="Pending">What an unknown outcome is resolved with.</param>
internal sealed record AppendEnded(long At, int Call, Answer Answer, long Version = 0, string? Position = null, PendingNote? Pending = null) : Entry(At);

internal sealed record ResolveBegun(long At, int Call, PendingNote Pending) : Entry(At);

/// <param name="At">When the answer was there.</param>
/// <param name="Call">The call.</param>
/// <param name="Answer">Accepted, rejected, or <see cref="Answer.None"/> where it could not be resolved yet.</param>
/// <param name="Version">The version of a success.</param>
/// <param name="Position">The position of a success.</param>
internal sealed record ResolveEnded(long At, int Call, Answer Answer, long Version = 0, string? Position = null) : Entry(At);

/// <param name="At">When it began.</param>
/// <param name="Call">The call.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Freshness">How fresh it must be.</param>
/// <param name="Session">The position of a session read.</param>
/// <param name="From">The first version to be read.</param>
internal sealed record ReadBegun(long At, int Call, string Stream, Freshness Freshness, string? Session, long From) : Entry(At);

/// <param name="At">When it ended.</param>
/// <param name="Call">The call.</param>
/// <param name="Count">How many events were read.</param>
/// <param name="Last">The version of the last one, 0 for none.</param>
/// <param name="Digest">What stands for all of them.</param>
internal sealed record ReadEnded(long At, int Call, int Count, long Last, ulong Digest) : Entry(At);

internal sealed record HandlingBegun(long At, string Stream, long Version, int Partition, long Offset, int Index, string Text) : Entry(At);

internal sealed record HandlingEnded(long At, int Partition, long Offset, int Index) : Entry(At);

/// <summary>The version that a writer holds of a stream in the end.</summary>
internal sealed record VersionProbed(long At, string Stream, long Version) : Entry(At);

/// <summary>What the feed of a store shows of a partition in the end.</summary>
internal sealed record FeedRead(long At, string Part, int Count, ulong Digest) : Entry(At);
