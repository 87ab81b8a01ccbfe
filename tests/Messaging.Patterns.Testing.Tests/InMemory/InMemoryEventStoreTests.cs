using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Testing.EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Testing.Tests.InMemory;

/// <summary>What the in-memory event store has beyond the contract.</summary>
public sealed class InMemoryEventStoreTests
{
    private static readonly StreamId Account = new("account", "42");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Registering_it_again_keeps_the_one_store_behind_all_abstractions()
    {
        await using var services = new ServiceCollection().AddMessagingPatterns().AddInMemoryEventStore().AddInMemoryEventStore().Services.BuildServiceProvider();

        var store = Assert.Single(services.GetServices<IEventStore>());

        Assert.Same(store, Assert.Single(services.GetServices<IEventReader>()));
        Assert.Same(store, Assert.Single(services.GetServices<IEventWriter>()));
        Assert.Same(store, Assert.Single(services.GetServices<IEventFeed>()));
    }

    [Fact]
    public async Task A_store_that_is_registered_already_stays()
    {
        await using var services = new ServiceCollection().AddSingleton<IEventReader, NoReader>().AddMessagingPatterns().AddInMemoryEventStore().Services.BuildServiceProvider();

        Assert.IsType<NoReader>(services.GetRequiredService<IEventReader>());
    }

    [Fact]
    public async Task Every_fault_of_its_options_is_listed()
    {
        await using var services = Create(store => (store.AppendIdWindow, store.ReadTimeout) = (0, TimeSpan.Zero));

        var exception = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IEventStore>());

        Assert.Equal(2, exception.Failures.Count());
        Assert.Contains(exception.Failures, failure => failure.Contains("at least 1", StringComparison.Ordinal));
        Assert.Contains(exception.Failures, failure => failure.Contains("positive", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_read_waits_no_longer_than_its_limit_and_names_the_position()
    {
        await using var services = Create(store => store.ReadTimeout = TimeSpan.FromMilliseconds(20));
        var store = services.GetRequiredService<IEventStore>();
        var written = await store.AppendAsync(Account, ExpectedVersion.NoStream, [new(new Charged(1))], cancellationToken: Cancellation);
        var beyond = Position.At(written.Position.Parts.Single(), 2);

        var exception = await Assert.ThrowsAsync<PositionNotReachedException>(() =>
            store.ReadStreamAsync(Account, new() { Consistency = ReadConsistency.Session(beyond) }, Cancellation).ToListAsync(Cancellation).AsTask());

        Assert.Equal((beyond, true), (exception.Position, exception.IsTransient));
    }

    [Fact]
    public async Task A_session_read_goes_on_when_its_position_is_reached()
    {
        await using var services = Create();
        var store = services.GetRequiredService<IEventStore>();
        var written = await store.AppendAsync(Account, ExpectedVersion.NoStream, [new(new Charged(1))], cancellationToken: Cancellation);
        var next = Position.At(written.Position.Parts.Single(), 2);
        var reading = store.ReadStreamAsync(Account, new() { Consistency = ReadConsistency.Session(next) }, Cancellation).CountAsync(Cancellation).AsTask();

        await store.AppendAsync(Account, ExpectedVersion.Exactly(1), [new(new Charged(2))], cancellationToken: Cancellation);

        Assert.Equal(2, await reading);
    }

    [Fact]
    public async Task What_the_caller_changes_after_the_append_changes_nothing_stored()
    {
        await using var services = Create();
        var store = services.GetRequiredService<IEventStore>();
        var (metadata, bytes) = (new Dictionary<string, string> { ["a"] = "1" }, "{\"amount\":1}"u8.ToArray());
        await store.AppendAsync(Account, ExpectedVersion.NoStream, [new(new RawEvent("contract-charged", bytes)) { Metadata = metadata }], cancellationToken: Cancellation);

        metadata["a"] = "2";
        bytes[^2] = (byte)'2';

        var recorded = await store.ReadStreamAsync(Account, cancellationToken: Cancellation).SingleAsync(Cancellation);
        Assert.Equal((new Charged(1), "1"), (recorded.Payload, recorded.Metadata["a"]));
    }

    private static ServiceProvider Create(Action<InMemoryEventStoreOptions>? configure = null) =>
        new ServiceCollection().AddMessagingPatterns().AddContractEvents().AddInMemoryEventStore(configure).Services.BuildServiceProvider();

    private sealed class NoReader : IEventReader
    {
        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamId stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
