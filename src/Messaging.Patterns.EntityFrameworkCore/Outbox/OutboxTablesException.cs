namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>The tables of an outbox are not there, or not as they should be.</summary>
/// <param name="context">The context.</param>
/// <param name="faults">Every fault, with its remedy.</param>
public sealed class OutboxTablesException(string context, IReadOnlyList<string> faults)
    : MessagingException($"The outbox of '{context}' cannot be used: {string.Join(" ", faults)}")
{
    /// <summary>Gets every fault, with its remedy.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
