namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>The rows of a key, in their order. Only the first may be under way.</summary>
internal sealed class KeyChain(string key)
{
    public string Key { get; } = key;

    public Queue<RelayRow> Rows { get; } = new();

    public ChainState State { get; set; }
}
