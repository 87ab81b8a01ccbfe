using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;

/// <summary>Lets the inline projections of a store handle the events of one append, in its transaction.</summary>
internal sealed class ProjectedAppend
{
    private readonly StoreParts _parts;
    private readonly PreparedAppend _append;
    private (InlineProjection By, RecordedEvent Event)? _handling;
    private int _attempt;

    private ProjectedAppend(StoreParts parts, PreparedAppend append) => (_parts, _append) = (parts, append);

    /// <summary>Gets whether what went wrong in the current attempt did so in a handler.</summary>
    public bool IsHandling => _handling is not null;

    /// <summary>Returns what handles the events of an append; <see langword="null"/> if nobody does.</summary>
    public static ProjectedAppend? Of(StoreParts parts, PreparedAppend append) =>
        parts.Projections.Any(projection => append.Events.Any(one => projection.Handles(one.Raw))) ? new(parts, append) : null;

    /// <summary>Begins an attempt to append.</summary>
    public void Begin() => (_handling, _attempt) = (null, _attempt + 1);

    /// <summary>Handles the events, which have just been appended.</summary>
    /// <param name="context">The context that has appended them.</param>
    /// <param name="taken">The append's number, and the version of its last event.</param>
    /// <param name="cancellationToken">Handed to the handlers.</param>
    public async Task RunAsync(DbContext context, (long Number, long Version) taken, CancellationToken cancellationToken)
    {
        var (before, position) = (taken.Version - _append.Events.Count, EventRows.PositionOf(taken.Number));

        foreach (var projection in _parts.Projections)
        {
            foreach (var (index, one) in _append.Events.Index().Where(place => projection.Handles(place.Item.Raw)))
            {
                var recorded = _parts.Codec.Decode(one, _append.Stream, before + index + 1, position, isRaw: true);
                _handling = (projection, recorded);
                await projection.HandleAsync(context, one.Raw, EventRows.ContextOf(recorded, index, projection.Name, _attempt), cancellationToken).ConfigureAwait(false);
                _handling = null;
            }
        }
    }

    /// <summary>Returns the exception that tells which event could not be handled.</summary>
    public InlineProjectionException Failed(Exception cause, bool isTransient) => new(_handling!.Value.By.Name, _handling.Value.Event, isTransient, cause);
}
