using Messaging.Patterns.EventSourcing;

namespace Shop.Http;

/// <summary>Makes the addresses that answers point to.</summary>
internal static class Links
{
    /// <summary>Returns the address of a query that waits until it sees a place in the log.</summary>
    public static string To(string path, Position after) => $"{path}?after={Uri.EscapeDataString(after.ToString())}";
}
