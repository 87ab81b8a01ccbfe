using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);

builder.Services.AddKafkaEventSourcing(kafka => kafka.BootstrapServers = "localhost:9092")
    .AddEventTypes<AccountOpened>()
    .AddStreams("account", topic: "accounts")
    .AddConsumerGroup("balances", group => group.From("accounts").Handle<AccountCharged, BalanceProjection>());

using var host = builder.Build();
await host.StartAsync();
var store = host.Services.GetRequiredService<IEventStore>();

// Write: exactly one of several writers that expect the same version succeeds.
var account = new StreamId("account", $"{Guid.NewGuid():N}");
await store.AppendAsync(account, ExpectedVersion.NoStream, [new EventData(new AccountOpened("Ada"))]);
await store.AppendAsync(account, ExpectedVersion.Exactly(1), [new EventData(new AccountCharged(30)), new EventData(new AccountCharged(12))]);

// Read: the events of one stream, from the local store that follows Kafka.
await foreach (var recorded in store.ReadStreamAsync(account, new StreamReadOptions { Consistency = ReadConsistency.Strong }))
{
    Console.WriteLine($"{recorded.Stream} {recorded.Version}: {recorded.Payload}");
}

await host.WaitForShutdownAsync();

[EventType("account-opened")]
public sealed record AccountOpened(string Owner);

[EventType("account-charged")]
public sealed record AccountCharged(decimal Amount);

// Listen: events of one account come in order, at least once.
public sealed class BalanceProjection : IEventHandler<AccountCharged>
{
    public ValueTask HandleAsync(AccountCharged @event, EventContext context, CancellationToken cancellationToken = default)
    {
        Console.WriteLine($"{context.Stream} was charged {@event.Amount} (version {context.Version})");
        return ValueTask.CompletedTask;
    }
}
