namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>What a process with the event store is.</summary>
/// <param name="Writes">Whether it appends.</param>
/// <param name="Reads">Whether it reads.</param>
/// <param name="InMemory">Whether it reads from memory instead of a SQLite file.</param>
/// <param name="Audits">Whether it only says what it holds in the end, instead of working.</param>
internal sealed record StoreRole(bool Writes, bool Reads, bool InMemory, bool Audits)
{
    /// <summary>Gets the role of a process that handles what others append.</summary>
    public const string Member = "member";

    private const string Audit = "audit-";

    /// <summary>Returns the role with which the process of another role says what it holds.</summary>
    public static string AuditOf(string role) => Audit + role;

    /// <summary>Parses a role: what the process does and where it keeps what it read, such as <c>writer-sqlite</c>, <c>reader-memory</c>, <c>writer-versions</c>.</summary>
    public static StoreRole Parse(string role)
    {
        var audits = role.StartsWith(Audit, StringComparison.Ordinal);

        return (audits ? role[Audit.Length..] : role).Split('-') switch
        {
            ["writer", "versions"] => new(Writes: true, Reads: false, InMemory: false, audits),
            ["writer", var store] => new(Writes: true, Reads: true, store == "memory", audits),
            ["reader", var store] => new(Writes: false, Reads: true, store == "memory", audits),
            _ => throw new ArgumentException($"'{role}' is not a role.", nameof(role)),
        };
    }
}
