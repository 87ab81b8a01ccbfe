namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>The library's tables are not there, or not as they should be.</summary>
/// <param name="context">The context.</param>
/// <param name="faults">Every fault, with its remedy.</param>
public sealed class MessagingTablesException(string context, IReadOnlyList<string> faults)
    : MessagingException($"The messaging tables of '{context}' cannot be used: {string.Join(" ", faults)}")
{
    /// <summary>Gets every fault, with its remedy.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
