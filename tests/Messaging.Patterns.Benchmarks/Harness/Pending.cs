namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>Calls under way, each awaited once.</summary>
internal sealed class Pending<T>(int capacity)
{
    private readonly List<ValueTask<T>> _calls = new(capacity);

    public void Add(ValueTask<T> call) => _calls.Add(call);

    public async Task WaitAsync()
    {
        foreach (var call in _calls)
        {
            await call;
        }

        _calls.Clear();
    }
}
