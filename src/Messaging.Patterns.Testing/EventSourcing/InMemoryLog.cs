using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>All appends in the order in which they were accepted, and what follows from them. Any thread may call it.</summary>
internal sealed class InMemoryLog(int appendIdWindow)
{
    private const string Part = "memory";

    private readonly Lock _gate = new();
    private readonly List<StoredAppend> _appends = [];
    private readonly Dictionary<StreamId, List<StoredAppend>> _streams = [];
    private readonly Dictionary<(StreamId Stream, AppendId Id), StoredAppend> _window = [];
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the offset after the last append.</summary>
    public long End
    {
        get
        {
            lock (_gate)
            {
                return _appends.Count;
            }
        }
    }

    public static Position PositionAt(long next) => Position.At(Part, next);

    public static long NextOf(Position position) => position.Next(Part);

    /// <exception cref="StreamConflictException">The stream does not meet the expectation.</exception>
    public AppendResult Append(StreamId stream, ExpectedVersion expected, AppendId id, IReadOnlyList<StoredEvent> events)
    {
        lock (_gate)
        {
            // Before the expectation, which a repeated append no longer meets.
            if (_window.TryGetValue((stream, id), out var first))
            {
                return first.ToResult();
            }

            var version = VersionOf(stream);
            return expected.IsMetBy(version)
                ? Add(new StoredAppend(stream, id, version + 1, _appends.Count, events))
                : throw new StreamConflictException(stream, expected, version, PositionAt(_appends.Count));
        }
    }

    /// <summary>Returns the append at an offset, or <see langword="null"/> at the end.</summary>
    public StoredAppend? Find(long offset)
    {
        lock (_gate)
        {
            return offset < _appends.Count ? _appends[(int)offset] : null;
        }
    }

    /// <summary>Returns the append that holds a version of a stream, or <see langword="null"/> when the stream does not reach it.</summary>
    public StoredAppend? Find(StreamId stream, long version)
    {
        lock (_gate)
        {
            return version <= VersionOf(stream) ? Search(_streams[stream], version) : null;
        }
    }

    /// <summary>Returns the append with an id: one of the newest, or else the one that begins at a version; <see langword="null"/> when it is neither.</summary>
    public StoredAppend? Find(StreamId stream, AppendId id, long firstVersion)
    {
        lock (_gate)
        {
            return _window.GetValueOrDefault((stream, id)) ?? (Find(stream, firstVersion) is { } found && found.Id == id && found.FirstVersion == firstVersion ? found : null);
        }
    }

    /// <summary>Completes when everything before an offset is in the log.</summary>
    public async Task WaitAsync(long next, CancellationToken cancellationToken)
    {
        while (Appended(next) is { } appended)
        {
            await appended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static StoredAppend Search(List<StoredAppend> appends, long version)
    {
        var (low, high) = (0, appends.Count - 1);

        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = appends[middle].LastVersion < version ? (middle + 1, high) : (low, middle);
        }

        return appends[low];
    }

    private Task? Appended(long next)
    {
        lock (_gate)
        {
            return _appends.Count >= next ? null : _appended.Task;
        }
    }

    private long VersionOf(StreamId stream) => _streams.TryGetValue(stream, out var appends) ? appends[^1].LastVersion : 0;

    private AppendResult Add(StoredAppend append)
    {
        _appends.Add(append);
        _window.Add((append.Stream, append.Id), append);

        if (!_streams.TryGetValue(append.Stream, out var appends))
        {
            _streams.Add(append.Stream, appends = []);
        }

        appends.Add(append);
        ForgetOldest();
        _appended.SetResult();
        _appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return append.ToResult();
    }

    private void ForgetOldest()
    {
        if (_appends.Count > appendIdWindow)
        {
            var oldest = _appends[^(appendIdWindow + 1)];
            _window.Remove((oldest.Stream, oldest.Id));
        }
    }
}
