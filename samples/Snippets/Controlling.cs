using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class Controlling
{
    public static void Register(IServiceCollection services)
    {
        services.AddKafka().AddConsumerGroupControl();
    }

    public static async Task ListAsync(IConsumerGroupControl control, CancellationToken cancellationToken)
    {
        foreach (var group in await control.ListAsync(cancellationToken))
        {
            var status = await control.DescribeAsync(new GroupScope(group), cancellationToken);
            Console.WriteLine($"{group}: {status.Lag} events behind, the oldest of them {status.LagTime.TotalSeconds:0} s old; {status.Parked.Count} parked keys");

            foreach (var member in status.Members)
            {
                Console.WriteLine($"  {member.Name}: {string.Join(", ", member.Partitions.Select(partition => $"{partition.Topic}:{partition.Partition}"))}");
            }
        }
    }

    public static async Task WaitAsync(IEventStore store, IConsumerGroupControl control, CancellationToken cancellationToken)
    {
        var appended = await store.AppendAsync(new StreamId("account", "42"), ExpectedVersion.Any, [new EventData(new AccountCharged(50m))], cancellationToken: cancellationToken);
        await control.WaitForAsync("balances", appended.Position, TimeSpan.FromSeconds(5), cancellationToken);
    }

    public static void RegisterBeside(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("balances-2", group => group
            .From("accounts")
            .Handle<AccountCharged, NewBalanceProjection>());
    }

    public static async Task SwitchAsync(IConsumerGroupControl control, CancellationToken cancellationToken)
    {
        var status = await control.WaitUntilCaughtUpAsync(new GroupScope("balances-2"), TimeSpan.FromSeconds(2), cancellationToken);
        Console.WriteLine($"{status.Lag} events behind: switch.");
    }
}

public sealed class NewBalanceProjection(IBalanceTable balances) : IEventHandler<AccountCharged>
{
    public async ValueTask HandleAsync(AccountCharged @event, EventContext context, CancellationToken cancellationToken = default) =>
        await balances.AddAsync(context.Stream!.Id, @event.Amount, context.Version, cancellationToken);
}
