using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.ContractTests.EventSourcing;

/// <summary>What the suites of the event store share.</summary>
public abstract class EventStoreContract(Instances instances) : Contract(instances)
{
    protected static readonly StreamReadOptions Strong = new() { Consistency = ReadConsistency.Strong };

    protected static readonly StreamReadOptions Linearizable = new() { Consistency = ReadConsistency.Linearizable };

    protected override IEnumerable<Type> Abstractions => [typeof(IEventStore), typeof(IEventReader), typeof(IEventWriter)];

    /// <summary>Gets the store of the first instance.</summary>
    protected IEventStore Store => First<IEventStore>();

    /// <summary>Gets the store of the second instance, on the same log.</summary>
    protected IEventStore Other => Second<IEventStore>();

    protected static StreamId NewStream() => new(ContractEvents.Category, Guid.NewGuid().ToString("N"));

    protected static EventData[] Charges(int count, int from = 1) => [.. Enumerable.Range(from, count).Select(amount => new EventData(new Charged(amount)))];

    protected ValueTask<AppendResult> AppendAsync(StreamId stream, ExpectedVersion expected, params EventData[] events) =>
        Store.AppendAsync(stream, expected, events, cancellationToken: Cancellation);

    protected ValueTask<List<RecordedEvent>> ReadAsync(StreamId stream) => ReadAsync(Store, stream, Strong);

    protected static ValueTask<List<RecordedEvent>> ReadAsync(IEventReader reader, StreamId stream, StreamReadOptions? options = null) =>
        reader.ReadStreamAsync(stream, options, Cancellation).ToListAsync(Cancellation);

    protected async Task AssertEmptyAsync(StreamId stream) => Assert.Empty(await ReadAsync(stream));

    /// <summary>Asserts that a stream has versions 1 to n without gaps.</summary>
    protected static void AssertGapless(IReadOnlyList<RecordedEvent> events) =>
        Assert.Equal(Enumerable.Range(1, events.Count).Select(version => (long)version), events.Select(recorded => recorded.Version));
}
