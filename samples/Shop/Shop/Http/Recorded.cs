using Messaging.Patterns.EventSourcing;

namespace Shop.Http;

/// <summary>The answer to a command whose event is in the log.</summary>
/// <param name="Version">The version of the stream after it.</param>
/// <param name="Position">Its place in the log; give it to a query as <c>after</c> to see what it changed.</param>
public sealed record Recorded(long Version, string Position)
{
    /// <summary>Returns the answer for an append.</summary>
    public static Recorded From(AppendResult result) => new(result.Version, result.Position.ToString());
}
