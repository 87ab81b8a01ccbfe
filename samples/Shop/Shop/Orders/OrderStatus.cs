using System.Text.Json.Serialization;

namespace Shop.Orders;

/// <summary>How far an order has come.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OrderStatus>))]
public enum OrderStatus
{
    /// <summary>There is no such order.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>It was placed, and waits for the customer's account.</summary>
    [JsonStringEnumMemberName("placed")]
    Placed,

    /// <summary>It is paid. Final.</summary>
    [JsonStringEnumMemberName("confirmed")]
    Confirmed,

    /// <summary>It was not paid. Final.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,
}
