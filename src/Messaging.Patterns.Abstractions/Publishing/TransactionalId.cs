namespace Messaging.Patterns.Publishing;

/// <summary>The id under which one producer at a time sends in transactions: a prefix, a hyphen and a number.</summary>
/// <param name="Prefix">What is common to the ids of one service and one purpose, and nobody else uses on the cluster: 1 to 200 letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</param>
/// <param name="Number">The number, from 0.</param>
/// <param name="Count">How many numbers there are; the same for ever, since notes are kept in as many partitions.</param>
public sealed record TransactionalId(string Prefix, int Number, int Count)
{
    /// <summary>Returns the id as brokers know it.</summary>
    public override string ToString() => FormattableString.Invariant($"{Prefix}-{Number}");
}
