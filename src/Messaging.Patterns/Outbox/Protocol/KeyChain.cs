namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>The rows of a key, in their order. Only the first may be under way, except in a transaction.</summary>
internal sealed class KeyChain(string key)
{
    public string Key { get; } = key;

    public Queue<RelayRow> Rows { get; } = new();

    public ChainState State { get; set; }

    /// <summary>Gets or sets whether it stands in line to be sent; it may have been dropped, or wait again, since then.</summary>
    public bool IsInLine { get; set; }
}
