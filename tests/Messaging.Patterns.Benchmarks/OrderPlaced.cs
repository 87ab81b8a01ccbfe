using System.Security.Cryptography;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Benchmarks;

/// <summary>The event of all benchmarks: 200 bytes of JSON, half of them random.</summary>
[EventType("order-placed")]
internal sealed record OrderPlaced(string OrderId, string Customer, string Product, int Quantity, decimal Price, string Note)
{
    public static OrderPlaced Create(int number) => new(
        $"order-{number:D8}", $"customer-{number % 100:D4}", $"product-{number % 1000:D6}", (number % 9) + 1, 12.50m, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(35)));

    /// <summary>Returns different events, to be used again and again.</summary>
    public static OrderPlaced[] CreateMany(int count) => [.. Enumerable.Range(0, count).Select(Create)];
}
