using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>An event store in a table of a context's database.</summary>
/// <param name="contexts">Where each call gets its context from.</param>
/// <param name="parts">What it shares with the other stores of the context's type.</param>
internal sealed class EntityFrameworkEventStore(StoreContexts contexts, StoreParts parts) : IEventStore
{
    private readonly StreamReads _reads = new(contexts, parts);

    public ValueTask<AppendResult> AppendAsync(
        StreamId stream,
        ExpectedVersion expected,
        IReadOnlyList<EventData> events,
        AppendOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        StoredEventCodec.ThrowIfInvalid(stream, events);
        cancellationToken.ThrowIfCancellationRequested();
        return PrepareAndAppendAsync();

        async ValueTask<AppendResult> PrepareAndAppendAsync()
        {
            var id = options is null || options.Id.IsEmpty ? AppendId.New(parts.Time) : options.Id;
            var append = new PreparedAppend(stream, expected, id, parts.Codec.Encode(id, events));
            return await AppendAsync(append, options?.Timeout ?? parts.Options.AppendTimeout, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<AppendResolution> ResolveAsync(PendingAppend pending, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pending);
        var again = pending.Frame.IsEmpty ? null : PreparedAppend.From(pending);

        if (await FindAsync(pending, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        if (again is null)
        {
            return AppendResolution.Undecided;
        }

        try
        {
            // Of this append and the one in doubt at most one is accepted, since they have one id; and if this one meets a conflict, so will the other.
            return AppendResolution.Accepted(await AppendAsync(again, parts.Options.AppendTimeout, cancellationToken).ConfigureAwait(false));
        }
        catch (StreamConflictException)
        {
            return AppendResolution.Rejected;
        }
    }

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamId stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new StreamReadOptions();
        StoredEventCodec.ThrowIfInvalid(options);
        return _reads.ReadAsync(stream, options, cancellationToken);
    }

    private async Task<AppendResult> AppendAsync(PreparedAppend append, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            var attempts = new AppendAttempts(rented.Context, parts, append);
            return rented.Context.Database.CurrentTransaction is not null
                ? await attempts.RunWithinAsync(cancellationToken).ConfigureAwait(false)
                : await attempts.RunAloneAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<AppendResolution?> FindAsync(PendingAppend pending, CancellationToken cancellationToken)
    {
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            if (await StoredAppends.FindAsync(rented.Context, pending.Stream, pending.Id, cancellationToken).ConfigureAwait(false) is { } result)
            {
                return AppendResolution.Accepted(result);
            }

            // Another has the version of an append without its frame. With the frame, trying again tells.
            return pending.Frame.IsEmpty && await StoredAppends.HasAsync(rented.Context, pending.Stream, pending.FirstVersion, cancellationToken).ConfigureAwait(false)
                ? AppendResolution.Rejected
                : null;
        }
    }
}
