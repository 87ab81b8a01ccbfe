using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

[EventType("price-changed")]
public sealed record PriceChanged(string Product, decimal Price);

public sealed class Prices(IEventPublisher publisher)
{
    public static void Add(IServiceCollection services)
    {
        services.AddKafka()
            .AddKafkaPublisher(options => options.Source = "/shop")
            .AddEventType<PriceChanged>()
            .AddRoute<PriceChanged>("prices", price => price.Product, topic => topic.Partitions = 6);
    }

    public async Task ChangeAsync(string changeId, string product, decimal price, CancellationToken cancellationToken)
    {
        await publisher.PublishAsync(new EventData(new PriceChanged(product, price)) { Id = changeId }, cancellationToken);
    }
}
