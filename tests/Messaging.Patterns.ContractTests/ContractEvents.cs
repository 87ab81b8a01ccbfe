using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.ContractTests;

/// <summary>The events of the suites.</summary>
public static class ContractEvents
{
    /// <summary>The category of the suites' streams.</summary>
    public const string Category = "contract";

    /// <summary>How many appends per partition must be remembered: less than usual, so that a test can exceed it.</summary>
    public const int AppendIdWindow = 100;

    /// <summary>Registers the events.</summary>
    public static IMessagingPatternsBuilder AddContractEvents(this IMessagingPatternsBuilder builder) => builder
        .AddEventType<Opened>()
        .AddEventType<Charged>()
        .AddEventType<Unwritable>()
        .AddUpcaster("contract-charged-in-cents", "contract-charged", json => new() { ["amount"] = json["cents"]!.GetValue<int>() / 100 });
}

/// <summary>An account was opened.</summary>
[EventType("contract-opened")]
public sealed record Opened(string Owner);

/// <summary>An account was charged.</summary>
[EventType("contract-charged")]
public sealed record Charged(int Amount);

/// <summary>An event that no serializer can write.</summary>
[EventType("contract-unwritable")]
public sealed record Unwritable(int Amount)
{
    /// <summary>Gets itself.</summary>
    public Unwritable Self => this;
}

/// <summary>A class that is no event.</summary>
public sealed record Unregistered(int Amount);
