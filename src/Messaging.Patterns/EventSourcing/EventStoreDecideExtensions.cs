namespace Messaging.Patterns.EventSourcing;

/// <summary>Reads, decides and appends, again when others appended in between.</summary>
public static class EventStoreDecideExtensions
{
    /// <summary>Decides on the state of a stream and appends the events decided, at exactly the version that the state has.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="store">The store.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="decider">How the state follows from the events.</param>
    /// <param name="decide">Returns the events (payloads or <see cref="EventData"/>), none for "nothing to do". It may be called several times and must have no other effect.</param>
    /// <param name="options">The append's id, the number of attempts.</param>
    /// <param name="cancellationToken">Cancels reading and appending.</param>
    /// <returns>The result of the append; without events the version that the decision saw, and the place of its last event.</returns>
    /// <exception cref="StreamConflictException">Others appended in between at every attempt.</exception>
    /// <exception cref="AppendOutcomeUnknownException">The append may or may not have been accepted.</exception>
    public static Task<AppendResult> DecideAsync<TState>(
        this IEventStore store,
        StreamId stream,
        Decider<TState> decider,
        Func<TState, IEnumerable<object>> decide,
        DecideOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return store.DecideAsync(stream, decider, (state, _) => new ValueTask<IEnumerable<object>>(decide(state)), options, cancellationToken);
    }

    /// <summary>Decides asynchronously on the state of a stream and appends the events decided, at exactly the version that the state has.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="store">The store.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="decider">How the state follows from the events.</param>
    /// <param name="decide">Returns the events (payloads or <see cref="EventData"/>), none for "nothing to do". It may be called several times and must have no other effect.</param>
    /// <param name="options">The append's id, the number of attempts.</param>
    /// <param name="cancellationToken">Cancels reading, deciding and appending.</param>
    /// <returns>The result of the append; without events the version that the decision saw, and the place of its last event.</returns>
    /// <exception cref="StreamConflictException">Others appended in between at every attempt.</exception>
    /// <exception cref="AppendOutcomeUnknownException">The append may or may not have been accepted.</exception>
    public static Task<AppendResult> DecideAsync<TState>(
        this IEventStore store,
        StreamId stream,
        Decider<TState> decider,
        Func<TState, CancellationToken, ValueTask<IEnumerable<object>>> decide,
        DecideOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(decider);
        ArgumentNullException.ThrowIfNull(decide);
        options ??= new DecideOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxAttempts, 1, nameof(options));
        return new Decision<TState>(store, stream, decider, decide, options).RunAsync(cancellationToken);
    }

    private sealed class Decision<TState>(
        IEventStore store,
        StreamId stream,
        Decider<TState> decider,
        Func<TState, CancellationToken, ValueTask<IEnumerable<object>>> decide,
        DecideOptions options)
    {
        // One id for all attempts: by it others notice who lost again and again, and let it go first. Only one attempt can be accepted.
        private readonly AppendId _id = options.Id.IsEmpty ? AppendId.New() : options.Id;
        private TState _state = decider.Initial;
        private long _version;
        private Position _position = Position.Start;
        private AppendResult? _earlier;

        public async Task<AppendResult> RunAsync(CancellationToken cancellationToken)
        {
            var consistency = options.Consistency;

            for (var attempt = 1; ;)
            {
                await ReadAsync(consistency, cancellationToken).ConfigureAwait(false);

                if (_earlier is not null)
                {
                    return _earlier;
                }

                var isLocal = consistency == ReadConsistency.Local;
                var events = await DecideAsync(isLocal, cancellationToken).ConfigureAwait(false);

                if (events.Count == 0 && !isLocal)
                {
                    return new AppendResult(_version, _position);
                }

                if (events.Count == 0)
                {
                    consistency = ReadConsistency.Strong;
                    continue;
                }

                try
                {
                    var append = new AppendOptions { Id = _id, Timeout = options.Timeout };
                    return await store.AppendAsync(stream, ExpectedVersion.Exactly(_version), events, append, cancellationToken).ConfigureAwait(false);
                }
                catch (StreamConflictException conflict) when (attempt++ < options.MaxAttempts)
                {
                    consistency = ReadConsistency.Session(conflict.Position);
                }
            }
        }

        // No append confirms a decision for nothing, and a rule that says no may say yes on a newer state: on a local read, which may be stale, both are
        // "no events yet", and are taken again.
        private async ValueTask<List<EventData>> DecideAsync(bool isLocal, CancellationToken cancellationToken)
        {
            try
            {
                var decided = await decide(_state, cancellationToken).ConfigureAwait(false);
                return [.. decided.Select(ToEvent)];
            }
            catch (Exception) when (isLocal && !cancellationToken.IsCancellationRequested)
            {
                return [];
            }
        }

        // Events are immutable, so another attempt only reads those that came since.
        private async Task ReadAsync(ReadConsistency consistency, CancellationToken cancellationToken)
        {
            var read = new StreamReadOptions { FromVersion = _version + 1, Consistency = consistency };

            await foreach (var recorded in store.ReadStreamAsync(stream, read, cancellationToken).ConfigureAwait(false))
            {
                _state = decider.Evolve(_state, recorded.Payload);
                (_version, _position) = (recorded.Version, recorded.Position);

                if (!options.Id.IsEmpty && options.Id.IsSourceOf(recorded.Id))
                {
                    _earlier = new AppendResult(recorded.Version, recorded.Position);
                }
            }
        }

        private EventData ToEvent(object decided) => decided as EventData ?? new EventData(decided) { Metadata = options.Metadata };
    }
}
