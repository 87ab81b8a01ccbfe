using Messaging.Patterns.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Tests of a group under control, whose handler fails and hangs as they say, and of a process that knows it by its name only.</summary>
public abstract class ControlledGroupTests
{
    private volatile int _poison = -1;
    private volatile int _hangs = -1;

    private protected string Group { get; } = KafkaTopics.UniqueName("group");

    private protected string ControlTopic { get; } = KafkaTopics.UniqueName("control");

    private protected Handled Handled { get; } = new();

    private protected Gate Gate { get; } = new();

    /// <summary>Gets or sets the number that the handler fails at; -1 for none.</summary>
    private protected int Poison { get => _poison; set => _poison = value; }

    /// <summary>Gets or sets the number at which the handler waits for <see cref="Gate"/>; -1 for none.</summary>
    private protected int Hangs { get => _hangs; set => _hangs = value; }

    private protected async ValueTask HandleAsync(Counted counted, EventContext context, CancellationToken cancellationToken)
    {
        if (counted.Number == _poison)
        {
            throw new InvalidOperationException($"no {counted.Number}");
        }

        if (counted.Number == _hangs)
        {
            await Gate.PassAsync(cancellationToken);
        }

        await Handled.HandleAsync(counted, context, cancellationToken);
    }

    /// <summary>Starts another group's process, which knows the group by its name only.</summary>
    private protected Task<GroupInstance> OtherAsync(CounterTopic topic) => GroupInstance.StartAsync(
        topic.Servers,
        KafkaTopics.UniqueName("other"),
        group => group.From(topic.Name).Handle<Renamed>((_, _, _) => ValueTask.CompletedTask),
        builder => builder.AddConsumerGroupControl(options => options.Topic = ControlTopic));
}
