using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class Rewinding
{
    public static void Register(IServiceCollection services)
    {
        services.AddKafka()
            .AddConsumerGroupControl()
            .AddConsumerGroup("balances", group => group
                .From("accounts")
                .Handle<AccountCharged, BalanceProjection>());
    }

    public static void RegisterStore(IServiceCollection services)
    {
        services.AddSingleton(new JsonFileStore<Dictionary<string, decimal>>("prices.json"));
        services.AddKafka()
            .AddConsumerGroupControl()
            .AddConsumerGroup("prices", group => group
                .From("prices")
                .KeepPositionIn<JsonFileStore<Dictionary<string, decimal>>>()
                .Handle<PriceChanged, PriceFile>());
    }

    public static async Task RewindAsync(IConsumerGroupControl control, CancellationToken cancellationToken)
    {
        var plan = await control.PlanRewindAsync(new GroupScope("balances"), RewindTarget.Back(TimeSpan.FromHours(2)), cancellationToken);
        Console.WriteLine($"{plan.Repeated} events will be handled again.");

        var operation = await control.RewindAsync(plan, cancellationToken);

        while (await control.GetRewindAsync("balances", operation, cancellationToken) is { IsDone: false } status)
        {
            Console.WriteLine($"{status.Partitions.Count(partition => partition.State == RewindState.Done)} of {status.Partitions.Count} partitions go on; {status.Progress:P0} is handled again.");
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    public static async Task OrderAsync(IConsumerGroupControl control)
    {
        await control.PauseAsync(new GroupScope("balances"));
        await control.ResumeAsync(new GroupScope("balances") { Topics = ["accounts"], Partitions = [3, 4] });
        await control.SkipAsync("balances", "accounts", partition: 3, offset: 1043);
    }
}

public sealed class PriceFile(JsonFileStore<Dictionary<string, decimal>> store) : IEventHandler<PriceChanged>
{
    public ValueTask HandleAsync(PriceChanged @event, EventContext context, CancellationToken cancellationToken = default)
    {
        store.Apply(context, prices => prices[@event.Product] = @event.Price);
        return ValueTask.CompletedTask;
    }
}

public interface IMailer
{
    Task SendAsync(string text, CancellationToken cancellationToken);
}

[OnReplay(ReplayPolicy.Skip)]
public sealed class WelcomeMail(IMailer mailer) : IEventHandler<AccountOpened>
{
    public async ValueTask HandleAsync(AccountOpened @event, EventContext context, CancellationToken cancellationToken = default) =>
        await mailer.SendAsync($"Welcome, {@event.Owner}!", cancellationToken);
}
