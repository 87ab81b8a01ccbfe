using System.Text.Json.Nodes;
using Messaging.Patterns;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

[EventType("customer-moved")]
public sealed record CustomerMovedV1(string Address);

[EventType("customer-moved-2")]
public sealed record CustomerMoved(string Street, string City);

public static class Upcasting
{
    public static void AddJsonUpcaster(IMessagingPatternsBuilder builder)
    {
        builder.AddUpcaster("customer-moved", "customer-moved-2", json =>
        {
            var parts = json["address"]!.GetValue<string>().Split(", ");
            return new JsonObject { ["street"] = parts[0], ["city"] = parts[^1] };
        });
    }

    public static void AddClassUpcaster(IMessagingPatternsBuilder builder)
    {
        builder.AddUpcaster<CustomerMovedV1, CustomerMoved>(old => new CustomerMoved(old.Address.Split(", ")[0], old.Address.Split(", ")[^1]));
    }
}
