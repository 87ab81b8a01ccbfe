using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Messaging.Patterns.TestServers;

/// <summary>One direction of a connection through a proxy.</summary>
internal sealed class ProxyPump(Socket from, Socket to, NetworkDirections direction, Func<NetworkTrouble> trouble, Action<NetworkDirections> lost)
{
    private const int ChunkSize = 16 << 10;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(5);

    // What is under way; as much as a network would hold before it makes the sender wait.
    private readonly Channel<(long Due, byte[] Bytes)> _underWay = Channel.CreateBounded<(long, byte[])>(256);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(either.Token);
        var writing = WriteAsync(either.Token);

        if (await Task.WhenAny(reading, writing) is { IsCompletedSuccessfully: false })
        {
            await either.CancelAsync();
        }

        await Task.WhenAll(reading, writing);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[ChunkSize];
        var last = 0L;

        while (await from.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
        {
            var now = trouble();

            if (now.Swallows.HasFlag(direction))
            {
                lost(direction);
                continue;
            }

            last = Math.Max(last, Stopwatch.GetTimestamp() + TicksOf(now.Latency) + TicksOf(now.Jitter * Random.Shared.NextDouble()));
            await _underWay.Writer.WriteAsync((last, buffer[..count]), cancellationToken);
        }

        _underWay.Writer.Complete();
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await foreach (var (due, bytes) in _underWay.Reader.ReadAllAsync(cancellationToken))
        {
            await WaitAsync(due, cancellationToken);

            for (ReadOnlyMemory<byte> left = bytes; left.Length > 0;)
            {
                left = left[await to.SendAsync(left, cancellationToken)..];
            }

            if (trouble().BytesPerSecond is > 0 and var rate)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)bytes.Length / rate), cancellationToken);
            }
        }
    }

    private async Task WaitAsync(long due, CancellationToken cancellationToken)
    {
        if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } wait)
        {
            await Task.Delay(wait, cancellationToken);
        }

        while (trouble().Stalls)
        {
            await Task.Delay(LookInterval, cancellationToken);
        }
    }

    private static long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
