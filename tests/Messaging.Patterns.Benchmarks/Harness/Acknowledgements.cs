using System.Buffers.Binary;
using System.Diagnostics;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>How long records took from a time that their value begins with, in whatever process of this machine it was written, until they are acknowledged.</summary>
/// <param name="warmUp">How many come before the first that counts.</param>
/// <param name="count">How many count.</param>
internal sealed class Acknowledgements(int warmUp, int count)
{
    private readonly TaskCompletionSource<Latencies> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Latencies _latencies = new();
    private readonly Lock _gate = new();
    private int _seen;

    /// <summary>Gets what all that count took, once the last of them is acknowledged.</summary>
    public Task<Latencies> Done => _done.Task;

    /// <summary>Returns a value of 200 bytes that begins with the present time: on Linux the clock behind it is the same for all processes.</summary>
    public static byte[] Value()
    {
        var value = new byte[200];
        BinaryPrimitives.WriteInt64LittleEndian(value, Stopwatch.GetTimestamp());
        return value;
    }

    public void Add(OutgoingRecord record)
    {
        lock (_gate)
        {
            if (++_seen > warmUp)
            {
                _latencies.AddSince(BinaryPrimitives.ReadInt64LittleEndian(record.Value!.Value.Span));
            }

            if (_seen == warmUp + count)
            {
                _done.SetResult(_latencies);
            }
        }
    }
}
