using Messaging.Patterns;
using Messaging.Patterns.EventSourcing;

namespace Snippets;

public sealed class Appending(IEventStore store)
{
    public async Task AppendAsync(StreamId account, CancellationToken cancellationToken)
    {
        var result = await store.AppendAsync(
            account,
            ExpectedVersion.Exactly(3),
            [new EventData(new AccountCharged(25)) { Metadata = new Dictionary<string, string> { ["correlationid"] = "order-7" } }],
            new AppendOptions { Id = AppendId.From("payment-4711"), Timeout = TimeSpan.FromSeconds(5) },
            cancellationToken);

        Console.WriteLine($"{account} is at version {result.Version}, {result.Position} in the log.");
    }

    public async Task<bool> SettleAsync(StreamId account, EventData @event, CancellationToken cancellationToken)
    {
        try
        {
            await store.AppendAsync(account, ExpectedVersion.Exists, [@event], cancellationToken: cancellationToken);
            return true;
        }
        catch (AppendOutcomeUnknownException unknown)
        {
            // Keep unknown.Pending where a restart finds it, if the answer must not be lost with this process.
            var resolution = await store.ResolveAsync(unknown.Pending, CancellationToken.None);
            return resolution.Outcome == AppendOutcome.Accepted;
        }
    }

    public async Task<AppendResult> RetryAsync(StreamId account, EventData @event, CancellationToken cancellationToken)
    {
        var options = new AppendOptions { Id = AppendId.New() };

        while (true)
        {
            try
            {
                return await store.AppendAsync(account, ExpectedVersion.Any, [@event], options, cancellationToken);
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            }
        }
    }
}
