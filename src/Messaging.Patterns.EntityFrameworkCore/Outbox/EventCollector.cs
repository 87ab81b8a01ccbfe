namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Takes the events that an entity has collected; none if the entity is of another class.</summary>
internal delegate IReadOnlyList<object> EventCollector(object entity);
