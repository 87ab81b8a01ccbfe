using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Looks for appends in the table.</summary>
internal static class StoredAppends
{
    /// <summary>Returns the result of the append with an id, however long ago it was made; <see langword="null"/> if there is none.</summary>
    public static async Task<AppendResult?> FindAsync(DbContext context, StreamId stream, AppendId id, CancellationToken cancellationToken)
    {
        var (name, guid) = (stream.ToString(), id.Value);
        var last = await CommittedRows.Of<EventRow>(context).AsNoTracking().Where(row => row.Stream == name && row.AppendId == guid)
            .OrderByDescending(row => row.Index).Select(row => new { row.Number, row.Version }).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return last is null ? null : new(last.Version, EventRows.PositionOf(last.Number));
    }

    /// <summary>Returns the exception that tells at which version a stream is.</summary>
    public static async Task<StreamConflictException> ConflictAsync(DbContext context, PreparedAppend append, CancellationToken cancellationToken)
    {
        var name = append.Stream.ToString();
        var last = await CommittedRows.Of<EventRow>(context).AsNoTracking().Where(row => row.Stream == name)
            .OrderByDescending(row => row.Version).Select(row => new { row.Number, row.Version }).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return new(append.Stream, append.Expected, last?.Version ?? 0, last is null ? Position.Start : EventRows.PositionOf(last.Number));
    }

    /// <summary>Returns whether a stream has a version.</summary>
    public static Task<bool> HasAsync(DbContext context, StreamId stream, long version, CancellationToken cancellationToken)
    {
        var name = stream.ToString();
        return CommittedRows.Of<EventRow>(context).AnyAsync(row => row.Stream == name && row.Version == version, cancellationToken);
    }
}
