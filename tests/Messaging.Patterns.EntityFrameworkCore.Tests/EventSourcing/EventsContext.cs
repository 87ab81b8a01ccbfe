using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>A context with an event store and an entity beside it.</summary>
public sealed class EventsContext(DbContextOptions<EventsContext> options) : DbContext(options)
{
    public DbSet<Note> Notes => Set<Note>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Note>().ToTable("notes");
        modelBuilder.AddEventStore();
    }
}

/// <summary>An entity of the application.</summary>
public sealed class Note
{
    public required string Id { get; init; }

    public int Count { get; set; }
}
