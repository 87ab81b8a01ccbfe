using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Testing.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Testing.Tests.InMemory;

/// <summary>What the in-memory publisher has beyond the contract.</summary>
public sealed class InMemoryPublishedEventsTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMessagingPatterns()
        .AddContractEvents()
        .AddInMemoryEventPublisher(publisher => publisher.AddRoute<Opened>("opened", opened => opened.Owner))
        .AddInMemoryEventPublisher(publisher => publisher.AddRoute<Charged>("charged", charged => $"{charged.Amount}"))
        .Services.BuildServiceProvider();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IEventPublisher Publisher => _services.GetRequiredService<IEventPublisher>();

    private InMemoryEventPublisher Kept => _services.GetRequiredService<InMemoryEventPublisher>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task What_was_published_is_kept_in_order_with_topic_and_key()
    {
        await Publisher.PublishAsync(new EventData(new Opened("Ada")), Cancellation);
        await Publisher.PublishAsync(new EventData(new Charged(7)), Cancellation);

        Assert.Equal(
            [("opened", "Ada", new Opened("Ada")), ("charged", "7", (object)new Charged(7))],
            Kept.Published.Select(one => (one.Topic, one.Key, one.Payload)));
    }

    [Fact]
    public async Task It_can_be_made_to_forget_and_positions_go_on()
    {
        var before = await Publisher.PublishAsync(new EventData(new Opened("Ada")), Cancellation);

        Kept.Clear();

        Assert.Empty(Kept.Published);
        var after = await Publisher.PublishAsync(new EventData(new Opened("Ada")), Cancellation);
        Assert.True(after.Covers(before) && !before.Covers(after));
    }

    [Fact]
    public async Task A_list_that_was_taken_stays_as_it_was()
    {
        var taken = Kept.Published;

        await Publisher.PublishAsync(new EventData(new Opened("Ada")), Cancellation);

        Assert.Empty(taken);
    }

    [Fact]
    public void A_route_needs_a_topic_and_a_key()
    {
        var options = new InMemoryEventPublisherOptions();

        Assert.Throws<ArgumentException>("topic", () => options.AddRoute<Opened>("", opened => opened.Owner));
        Assert.Throws<ArgumentNullException>("key", () => options.AddRoute<Opened>("opened", null!));
    }

    [Fact]
    public async Task Every_fault_of_its_routes_is_listed()
    {
        await using var services = new ServiceCollection().AddMessagingPatterns()
            .AddContractEvents()
            .AddInMemoryEventPublisher(publisher => publisher
                .AddRoute<Opened>("one", opened => opened.Owner)
                .AddRoute<Opened>("two", opened => opened.Owner)
                .AddRoute<Unregistered>("three", unregistered => "key"))
            .Services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IEventPublisher>());

        Assert.Equal(2, exception.Failures.Count());
        Assert.Contains(exception.Failures, failure => failure.Contains("'one', 'two'", StringComparison.Ordinal));
        Assert.Contains(exception.Failures, failure => failure.Contains(typeof(Unregistered).FullName!, StringComparison.Ordinal));
    }
}
