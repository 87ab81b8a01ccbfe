namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>A transaction of a service: takes the locks of its keys one after another, and keeps them to its end.</summary>
internal sealed class SimTransaction(Queue<string> keys)
{
    /// <summary>Gets the keys that are still to be written, ascending, as everybody takes them.</summary>
    public Queue<string> Keys { get; } = keys;

    public HashSet<string> Locked { get; } = [];

    /// <summary>Gets or sets the number that is drawn for the next row, before the row is there.</summary>
    public long? Drawn { get; set; }

    /// <summary>Gets or sets what the next row will say.</summary>
    public long Content { get; set; }

    /// <summary>Gets or sets its number, once it has one.</summary>
    public ulong? Number { get; set; }
}
