using System.Text.Json;
using Messaging.Patterns.Consuming;

namespace Snippets;

/// <summary>A projection in one JSON file of one process: its data and the positions that they follow from are replaced together.</summary>
public sealed class JsonFileStore<TData>(string path) : IPositionStore
    where TData : class, new()
{
    private readonly Lock _gate = new();

    public TData Data
    {
        get
        {
            lock (_gate)
            {
                return Load().Data;
            }
        }
    }

    /// <summary>Applies an event once, however often it comes.</summary>
    public void Apply(EventContext context, Action<TData> change)
    {
        lock (_gate)
        {
            var state = Load();
            var key = KeyOf(context.Group, context.Topic, context.Partition);
            var stored = state.Positions.GetValueOrDefault(key);

            if (stored is not null && stored.Epoch != context.Epoch)
            {
                throw new InvalidOperationException($"The event is of epoch {context.Epoch}, but the partition was rewound in epoch {stored.Epoch}: it has another owner.");
            }

            if (stored is null || context.Offset >= stored.Next)
            {
                change(state.Data);
                state.Positions[key] = new StoredPosition(context.Offset + 1, context.Epoch);
                Save(state);
            }
        }
    }

    public ValueTask<StoredPosition?> ReadAsync(string group, string topic, int partition, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Load().Positions.GetValueOrDefault(KeyOf(group, topic, partition)));
        }
    }

    public ValueTask<StoredPosition> RewindAsync(string group, string topic, int partition, StoredPosition position, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var state = Load();
            var key = KeyOf(group, topic, partition);

            if (state.Positions.GetValueOrDefault(key) is { } stored && stored.Epoch >= position.Epoch)
            {
                return ValueTask.FromResult(stored);
            }

            state.Positions[key] = position;
            Save(state);
            return ValueTask.FromResult(position);
        }
    }

    private static string KeyOf(string group, string topic, int partition) => $"{group}/{topic}:{partition}";

    private State Load() => File.Exists(path) ? JsonSerializer.Deserialize<State>(File.ReadAllBytes(path))! : new State();

    // A crash leaves the old file or the new one, never half of one.
    private void Save(State state)
    {
        using (var file = File.Create($"{path}.new"))
        {
            JsonSerializer.Serialize(file, state);
            file.Flush(flushToDisk: true);
        }

        File.Move($"{path}.new", path, overwrite: true);
    }

    private sealed class State
    {
        public TData Data { get; set; } = new();

        public Dictionary<string, StoredPosition> Positions { get; set; } = [];
    }
}
