using System.Collections.Immutable;
using System.Threading.Channels;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>What handlers were given, in the order of their calls; tests wait on it.</summary>
internal sealed class Handled
{
    private static long _calls;

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ImmutableList<(int Number, EventContext Context, long Call)> _all = [];

    public ImmutableList<(int Number, EventContext Context, long Call)> All => _all;

    public IEnumerable<int> Numbers => _all.Select(one => one.Number);

    /// <summary>Returns what several were given, in the order of the calls.</summary>
    public static IEnumerable<(int Number, EventContext Context, long Call)> InOrderOfCalls(IEnumerable<Handled> several) =>
        several.SelectMany(handled => handled.All).OrderBy(one => one.Call);

    public ValueTask HandleAsync(Counted counted, EventContext context, CancellationToken cancellationToken)
    {
        var call = Interlocked.Increment(ref _calls);
        ImmutableInterlocked.Update(ref _all, all => all.Add((counted.Number, context, call)));
        _changed.Writer.TryWrite(true);
        return ValueTask.CompletedTask;
    }

    public async Task UntilAsync(Func<ImmutableList<(int Number, EventContext Context, long Call)>, bool> condition)
    {
        while (!condition(_all))
        {
            await _changed.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }
    }

    public Task UntilCountAsync(int count) => UntilAsync(all => all.Select(one => (one.Context.Partition, one.Number)).Distinct().Count() >= count);
}
