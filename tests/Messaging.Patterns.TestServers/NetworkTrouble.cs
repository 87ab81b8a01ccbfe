namespace Messaging.Patterns.TestServers;

/// <summary>What a network does to the bytes that pass.</summary>
public sealed record NetworkTrouble
{
    /// <summary>Gets a network without trouble.</summary>
    public static NetworkTrouble None { get; } = new();

    /// <summary>Gets how long bytes are under way, in each direction.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Gets by how much, at most, they are under way longer, at random. They never overtake each other.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Gets how many bytes pass per second, in each direction; 0 for no limit.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>Gets whether everything stands still. Nothing is lost: it passes later.</summary>
    public bool Stalls { get; init; }

    /// <summary>Gets in which direction bytes vanish. A connection that lost some is reset when that ends, as it could never go on.</summary>
    public NetworkDirections Swallows { get; init; }

    /// <summary>Gets whether new connections are reset at once.</summary>
    public bool Refuses { get; init; }
}

/// <summary>The directions of a connection.</summary>
[Flags]
public enum NetworkDirections
{
    /// <summary>No direction.</summary>
    None = 0,

    /// <summary>From the client to the server.</summary>
    ToServer = 1,

    /// <summary>From the server to the client.</summary>
    ToClient = 2,
}
