namespace Messaging.Patterns.EventSourcing;

/// <summary>A store of events: appends to streams and reads them.</summary>
public interface IEventStore : IEventReader, IEventWriter;
