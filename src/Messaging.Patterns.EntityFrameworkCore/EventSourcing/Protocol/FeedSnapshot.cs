namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;

/// <summary>What a reader sees of a database at one moment.</summary>
/// <param name="Oldest">All transactions before this one had ended.</param>
/// <param name="Next">A transaction whose id was given out afterwards: whoever has none by then gets a larger one. Needed only if the highest number is not known yet.</param>
/// <param name="Highest">The highest number that was visible, 0 for none.</param>
internal readonly record struct FeedSnapshot(ulong Oldest, ulong Next, long Highest);
