namespace Shop;

/// <summary>What a process of the shop does. Each role can run by itself, as often as its load needs.</summary>
[Flags]
public enum ShopRoles
{
    /// <summary>Takes commands over HTTP and appends events.</summary>
    Write = 1,

    /// <summary>Handles events: decides what follows from them, and keeps the read models.</summary>
    Listen = 2,

    /// <summary>Answers queries over HTTP and serves the page.</summary>
    Read = 4,

    /// <summary>Everything in one process.</summary>
    All = Write | Listen | Read,
}
