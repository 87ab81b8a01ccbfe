using System.Buffers;
using System.Globalization;
using System.Text;
using Messaging.Patterns;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

[EventType("price-changed")]
public sealed record PriceChanged(string Product, decimal Price);

public sealed class PriceText : IEventSerializer
{
    public string ContentType => "text/plain";

    public void Serialize(object payload, IBufferWriter<byte> output)
    {
        var price = (PriceChanged)payload;
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{price.Price} {price.Product}"), output);
    }

    public object Deserialize(ReadOnlyMemory<byte> data, Type type) =>
        Encoding.UTF8.GetString(data.Span).Split(' ', 2) is [var price, var product] && decimal.TryParse(price, CultureInfo.InvariantCulture, out var number)
            ? new PriceChanged(product, number)
            : throw new EventSerializationException("Expected a price and a product.");
}

public sealed class Prices(IEventPublisher publisher)
{
    public static void Add(IServiceCollection services)
    {
        services.AddKafka()
            .AddKafkaPublisher(options => options.Source = "/shop")
            .AddEventType<PriceChanged>()
            .AddRoute<PriceChanged>("prices", price => price.Product, topic => topic.Partitions = 6);
    }

    public static void AddBinary(IMessagingPatternsBuilder builder)
    {
        builder.AddRoute<PriceChanged>("prices", price => price.Product, CloudEventMode.Binary)
            .AddEventSerializer<PriceText>(typeof(PriceChanged));
    }

    public async Task ForgetAsync(string product, CancellationToken cancellationToken)
    {
        await publisher.PublishTombstoneAsync<PriceChanged>(product, cancellationToken);
    }

    public async Task ChangeAsync(string changeId, string product, decimal price, CancellationToken cancellationToken)
    {
        await publisher.PublishAsync(new EventData(new PriceChanged(product, price)) { Id = changeId }, cancellationToken);
    }
}
