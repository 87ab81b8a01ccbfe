namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>Where the library's tables are in a database, and what they are called.</summary>
public sealed class MessagingTables
{
    /// <summary>Gets or sets the schema of the tables.</summary>
    /// <value>The default is <see langword="null"/>: the schema that the model, or else the connection, has by default.</value>
    public string? Schema { get; set; }

    /// <summary>Gets or sets the table of events that wait to be sent. The names of its number sequence, function and trigger on PostgreSQL begin with it.</summary>
    /// <value>The default is <c>messaging_outbox</c>; at most 40 characters.</value>
    public string Outbox { get; set; } = "messaging_outbox";

    /// <summary>Gets or sets the table of events that are not due yet.</summary>
    /// <value>The default is <c>messaging_outbox_delayed</c>.</value>
    public string DelayedOutbox { get; set; } = "messaging_outbox_delayed";

    /// <summary>Gets or sets the table of events that can never be sent as they are.</summary>
    /// <value>The default is <c>messaging_outbox_parked</c>.</value>
    public string ParkedOutbox { get; set; } = "messaging_outbox_parked";

    /// <summary>Gets or sets the table of events that were sent, which are kept there instead of being deleted.</summary>
    /// <value>The default is <see langword="null"/>: there is none, and what was sent is deleted.</value>
    public string? SentOutbox { get; set; }

    /// <summary>Gets or sets the table that says which relay sends which keys.</summary>
    /// <value>The default is <c>messaging_outbox_lease</c>.</value>
    public string OutboxLeases { get; set; } = "messaging_outbox_lease";

    /// <summary>Gets or sets the table of events that consumer groups have handled.</summary>
    /// <value>The default is <c>messaging_inbox</c>.</value>
    public string Inbox { get; set; } = "messaging_inbox";

    /// <summary>Gets or sets the table that says how far consumer groups with an inbox are in each partition.</summary>
    /// <value>The default is <c>messaging_inbox_position</c>.</value>
    public string InboxPositions { get; set; } = "messaging_inbox_position";
}
