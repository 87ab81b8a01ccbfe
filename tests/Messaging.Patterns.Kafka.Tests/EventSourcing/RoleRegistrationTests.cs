using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing;

/// <summary>A process takes the roles that it needs, and the container, validated as in development, has exactly those.</summary>
public sealed class RoleRegistrationTests
{
    [Fact]
    public async Task A_process_may_only_write()
    {
        await using var provider = Build(builder => builder.AddKafkaEventWriter());

        Assert.NotNull(provider.GetService<IEventWriter>());
        Assert.Null(provider.GetService<IEventReader>());
        Assert.Null(provider.GetService<IEventStore>());
    }

    [Fact]
    public async Task A_process_may_only_read()
    {
        await using var provider = Build(builder => builder.AddKafkaEventReader(options => options.InMemory = true));

        Assert.NotNull(provider.GetService<IEventReader>());
        Assert.NotNull(provider.GetService<IEventFeed>());
        Assert.Null(provider.GetService<IEventStore>());
    }

    [Fact]
    public async Task A_process_may_only_publish()
    {
        await using var provider = Build(builder => builder.AddKafkaPublisher());

        Assert.NotNull(provider.GetService<IEventPublisher>());
        Assert.Null(provider.GetService<IEventWriter>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_writes_and_reads_has_the_store_in_whatever_order_they_are_added(bool writerFirst)
    {
        await using var provider = Build(builder => _ = writerFirst
            ? builder.AddKafkaEventWriter().AddKafkaEventReader(options => options.InMemory = true)
            : builder.AddKafkaEventReader(options => options.InMemory = true).AddKafkaEventWriter());

        Assert.NotNull(provider.GetService<IEventStore>());
    }

    [Fact]
    public async Task Who_waits_for_a_process_that_ends_before_it_has_begun_is_told()
    {
        // As when the host is stopped before it has run anything.
        var provider = Build(builder => builder.AddKafkaEventWriter().AddEventType<Happened>().AddStreams("account", "accounts"));
        var patient = new AppendOptions { Timeout = TimeSpan.FromDays(1) };
        var append = provider.GetRequiredService<IEventWriter>().AppendAsync(
            new("account", "1"), ExpectedVersion.Any, [new(new Happened())], patient, TestContext.Current.CancellationToken).AsTask();
        Assert.False(append.IsCompleted);

        await provider.DisposeAsync();

        await Assert.ThrowsAsync<EventStoreStoppedException>(() => append);
    }

    [EventType("happened")]
    private sealed record Happened;

    private static ServiceProvider Build(Action<IMessagingPatternsBuilder> addRoles)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        addRoles(services.AddKafka(kafka => kafka.BootstrapServers = "localhost:9092"));
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }
}
