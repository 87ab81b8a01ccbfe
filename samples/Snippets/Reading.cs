using Messaging.Patterns.EventSourcing;

namespace Snippets;

public sealed class Reading(IEventStore store, IEventFeed feed)
{
    public async Task<decimal> BalanceAfterAsync(StreamId account, string token, CancellationToken cancellationToken)
    {
        var balance = 0m;
        var options = new StreamReadOptions { Consistency = ReadConsistency.Session(Position.Parse(token)) };

        await foreach (var recorded in store.ReadStreamAsync(account, options, cancellationToken))
        {
            balance += recorded.Payload is AccountCharged charged ? charged.Amount : 0;
        }

        return balance;
    }

    public async Task<Position> FollowAsync(Position after, CancellationToken cancellationToken)
    {
        await foreach (var recorded in feed.ReadAllAsync(after, new FeedReadOptions { Follow = true }, cancellationToken))
        {
            Console.WriteLine($"{recorded.Stream} {recorded.Version}: {recorded.Type}");
            after = after.Merge(recorded.Position);
        }

        return after;
    }
}
