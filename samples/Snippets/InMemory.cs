using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Testing.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public static class InMemory
{
    public static async Task DebitAsync()
    {
        var services = new ServiceCollection();

        services.AddMessagingPatterns()
            .AddInMemoryEventStore()
            .AddInMemoryEventPublisher(publisher => publisher.AddRoute<PriceChanged>("prices", price => price.Product))
            .AddEventTypes<AccountOpened>();

        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<IEventStore>();
        var published = provider.GetRequiredService<InMemoryEventPublisher>();

        await store.AppendAsync(new StreamId("account", "42"), ExpectedVersion.NoStream, [new EventData(new AccountOpened("Ada")), new EventData(new AccountCharged(30))]);
        await new Debits(store).DebitAsync("42", 12, requestId: "request-1", CancellationToken.None);
        await new Prices(published).ChangeAsync("change-1", "tea", 3, CancellationToken.None);

        Console.WriteLine($"{published.Published.Count} event was published to {published.Published[0].Topic}");
    }
}
