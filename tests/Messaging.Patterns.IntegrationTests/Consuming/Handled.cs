using System.Collections.Immutable;
using System.Threading.Channels;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>What handlers were given, in the order of their calls; tests wait on it.</summary>
internal sealed class Handled
{
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ImmutableList<(int Number, EventContext Context)> _all = [];

    public ImmutableList<(int Number, EventContext Context)> All => _all;

    public IEnumerable<int> Numbers => _all.Select(one => one.Number);

    public void Add(int number, EventContext context)
    {
        ImmutableInterlocked.Update(ref _all, all => all.Add((number, context)));
        _changed.Writer.TryWrite(true);
    }

    public ValueTask HandleAsync(Counted counted, EventContext context, CancellationToken cancellationToken)
    {
        Add(counted.Number, context);
        return ValueTask.CompletedTask;
    }

    public async Task UntilAsync(Func<ImmutableList<(int Number, EventContext Context)>, bool> condition)
    {
        while (!condition(_all))
        {
            await _changed.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }
    }

    public Task UntilCountAsync(int count) => UntilAsync(all => all.Select(one => one.Number).Distinct().Count() >= count);
}
