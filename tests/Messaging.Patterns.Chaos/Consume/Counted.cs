using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Chaos.Consume;

/// <summary>The event of this scenario.</summary>
/// <param name="Key">The key; only one process publishes events of it.</param>
/// <param name="Number">Grows from one event of the key to the next.</param>
/// <param name="Failures">How often its handling fails each time it comes; <see cref="Poison"/> for always.</param>
[EventType("counted")]
internal sealed record Counted(string Key, long Number, int Failures)
{
    /// <summary>Its handling always fails.</summary>
    public const int Poison = int.MaxValue;

    /// <summary>Numbers of one start of a publisher are within a range so large.</summary>
    public const long NumbersPerStart = 1_000_000;
}
