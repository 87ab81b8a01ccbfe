namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Where the tables of an event store are in a database, and what they are called.</summary>
public sealed class EventStoreTables
{
    /// <summary>Gets or sets the schema of the tables.</summary>
    /// <value>The default is <see langword="null"/>: the schema that the model, or else the connection, has by default.</value>
    public string? Schema { get; set; }

    /// <summary>Gets or sets the table of events.</summary>
    /// <value>The default is <c>messaging_event</c>.</value>
    public string Events { get; set; } = "messaging_event";

    /// <summary>Gets or sets the table of the number that was drawn last, which only SQL Server needs.</summary>
    /// <value>The default is <c>messaging_event_number</c>.</value>
    public string Numbers { get; set; } = "messaging_event_number";

    /// <summary>Gets or sets the table that says how far subscriptions have got.</summary>
    /// <value>The default is <c>messaging_subscription</c>.</value>
    public string Subscriptions { get; set; } = "messaging_subscription";
}
