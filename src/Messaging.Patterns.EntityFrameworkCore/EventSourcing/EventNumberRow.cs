namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>The number that was drawn last: the only row of the table <see cref="EventStoreTables.Numbers"/>, which an append on SQL Server counts up and keeps locked until its transaction ends.</summary>
public sealed class EventNumberRow
{
    /// <summary>Gets the row's key, always 1.</summary>
    public required int Id { get; init; }

    /// <summary>Gets the number of the last append.</summary>
    public required long Number { get; init; }
}
