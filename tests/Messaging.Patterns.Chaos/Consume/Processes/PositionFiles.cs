using System.Diagnostics;
using System.Text.Json;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Chaos.Consume.Processes;

/// <summary>A projection with its position: a file per partition that all members share, of which each line is data and position at once.</summary>
internal sealed class PositionFiles(ChildSettings settings) : IPositionStore
{
    /// <summary>A projection whose position lags behind its data, and which takes every event that it is given.</summary>
    public const string LaggingPosition = "lagging-position";

    // Longer than any line.
    private const int Recent = 1 << 10;

    private static readonly TimeSpan LockedFor = TimeSpan.FromMilliseconds(2);

    private readonly string _by = Path.GetFileNameWithoutExtension(settings.JournalPath);

    public static string PathOf(string folder, int partition) => Path.Combine(folder, $"projection-{partition}");

    /// <summary>An event takes effect, once in its epoch.</summary>
    /// <exception cref="InvalidOperationException">The partition was rewound, and belongs to another member.</exception>
    public async Task ApplyAsync(Counted counted, EventContext context, CancellationToken cancellationToken)
    {
        await using var file = await LockAsync(context.Partition, cancellationToken);
        var stored = Last(file) ?? new PositionLine(0, "", 0, 0, null);

        if (settings.Mutant != LaggingPosition)
        {
            if (stored.Epoch != context.Epoch)
            {
                throw new InvalidOperationException($"The event is of epoch {context.Epoch}, but the partition was rewound in epoch {stored.Epoch}: it has another owner.");
            }

            if (context.Offset < stored.Next)
            {
                return;
            }
        }

        Add(file, new PositionLine(Stopwatch.GetTimestamp(), _by, context.Epoch, context.Offset + 1, counted.Number));
    }

    public async ValueTask<StoredPosition?> ReadAsync(string group, string topic, int partition, CancellationToken cancellationToken = default)
    {
        await using var file = await LockAsync(partition, cancellationToken);
        return Last(file) is { } last ? new StoredPosition(settings.Mutant == LaggingPosition ? Math.Max(0, last.Next - 1) : last.Next, last.Epoch) : null;
    }

    public async ValueTask<StoredPosition> RewindAsync(string group, string topic, int partition, StoredPosition position, CancellationToken cancellationToken = default)
    {
        await using var file = await LockAsync(partition, cancellationToken);

        if (Last(file) is { } last && last.Epoch >= position.Epoch)
        {
            return new StoredPosition(last.Next, last.Epoch);
        }

        Add(file, new PositionLine(Stopwatch.GetTimestamp(), _by, position.Epoch, position.Next, null));
        return position;
    }

    // A line is one write, which a kill does not divide; if it did, the rest would be no line, and the next one would begin with it.
    private static void Add(FileStream file, PositionLine line)
    {
        file.Seek(0, SeekOrigin.End);
        file.Write(Journal.ToLine(line));
    }

    private static PositionLine? Last(FileStream file)
    {
        file.Seek(-Math.Min(Recent, file.Length), SeekOrigin.End);
        var bytes = new byte[Math.Min(Recent, file.Length)];
        file.ReadExactly(bytes);
        var line = bytes.AsSpan().TrimEnd((byte)'\n');
        return line.IsEmpty ? null : JsonSerializer.Deserialize<PositionLine>(line[(line.LastIndexOf((byte)'\n') + 1)..]);
    }

    private async Task<FileStream> LockAsync(int partition, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // Others are locked out as long as it is open, and no longer than this process lives.
                return new FileStream(PathOf(settings.Folder, partition), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException)
            {
                await Task.Delay(LockedFor, cancellationToken);
            }
        }
    }
}
