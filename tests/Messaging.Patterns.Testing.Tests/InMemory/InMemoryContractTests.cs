using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Publishing;
using Messaging.Patterns.Testing.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Testing.Tests.InMemory;

/// <summary>The in-memory implementations.</summary>
public sealed class InMemoryInstances : Instances
{
    public const string Store = "Messaging.Patterns.Testing.EventSourcing.InMemoryEventStore";
    public const string Publisher = "Messaging.Patterns.Testing.Publishing.InMemoryEventPublisher";

    public const string Topic = "published";

    protected override bool IsSingle => true;

    protected override async Task<IHost> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingPatterns()
            .AddContractEvents()
            .AddInMemoryEventStore(store => store.AppendIdWindow = ContractEvents.AppendIdWindow)
            .AddInMemoryEventPublisher(publisher => publisher
                .AddRoute<Opened>(InMemoryInstances.Topic, opened => opened.Owner)
                .AddRoute<Unwritable>(InMemoryInstances.Topic, unwritable => "unwritable"));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}

[CollectionDefinition]
public sealed class InMemoryCollection : ICollectionFixture<InMemoryInstances>;

[Collection<InMemoryCollection>]
[Implementations(InMemoryInstances.Store)]
public sealed class InMemoryAppendTests(InMemoryInstances instances) : AppendContract(instances);

[Collection<InMemoryCollection>]
[Implementations(InMemoryInstances.Store)]
public sealed class InMemoryBadAppendTests(InMemoryInstances instances) : BadAppendContract(instances);

[Collection<InMemoryCollection>]
[Implementations(InMemoryInstances.Store)]
public sealed class InMemoryConcurrentAppendTests(InMemoryInstances instances) : ConcurrentAppendContract(instances);

[Collection<InMemoryCollection>]
[Implementations(InMemoryInstances.Store)]
public sealed class InMemoryRepeatedAppendTests(InMemoryInstances instances) : RepeatedAppendContract(instances);

[Collection<InMemoryCollection>]
[Implementations(InMemoryInstances.Store)]
public sealed class InMemoryStreamReadTests(InMemoryInstances instances) : StreamReadContract(instances);

[Collection<InMemoryCollection>]
[Implementations(InMemoryInstances.Store)]
public sealed class InMemoryDecideTests(InMemoryInstances instances) : DecideContract(instances);

[Collection<InMemoryCollection>]
[Implementations(InMemoryInstances.Store)]
public sealed class InMemoryEventFeedTests(InMemoryInstances instances) : EventFeedContract(instances);

[Collection<InMemoryCollection>]
[Implementations(InMemoryInstances.Publisher)]
public sealed class InMemoryEventPublisherTests(InMemoryInstances instances) : EventPublisherContract(instances)
{
    // What is published is there at once.
    protected override Task<IReadOnlyList<StoredMessage>> ReadAsync(string key, Func<IReadOnlyList<StoredMessage>, bool> isComplete)
    {
        var published = First<InMemoryEventPublisher>().Published.Where(one => one.Topic == InMemoryInstances.Topic && one.Key == key);
        List<StoredMessage> found = [.. published.Select(one => new StoredMessage(one.Key, one.Id, one.Type, one.Time, one.Payload, one.Metadata))];
        Assert.True(isComplete(found));
        return Task.FromResult<IReadOnlyList<StoredMessage>>(found);
    }
}
