namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>Options of a context's inbox. Bound from the configuration section <c>Messaging:Inbox</c>.</summary>
public sealed class InboxOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = "Messaging:Inbox";

    /// <summary>Gets or sets how long a handled event is remembered. One that comes again later is handled again.</summary>
    /// <value>Positive; the default is 7 days.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets how often events that are older are deleted.</summary>
    /// <value>Positive; the default is 1 minute.</value>
    public TimeSpan CleanUpInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets whether the start of the host waits for the database and looks whether the table is there and as it should be.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool VerifyTables { get; set; } = true;
}
