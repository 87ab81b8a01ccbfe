namespace Messaging.Patterns.EventSourcing;

/// <summary>How far a copy, or a comparison, has got.</summary>
/// <param name="Position">The place in the source up to which everything is done. A later run can begin behind it.</param>
/// <param name="Appends">How many appends are done.</param>
/// <param name="Events">How many events they have.</param>
/// <param name="AlreadyThere">How many of the events the target had already, from an earlier run.</param>
/// <param name="Elapsed">For how long it has run.</param>
public sealed record EventCopyProgress(Position Position, long Appends, long Events, long AlreadyThere, TimeSpan Elapsed)
{
    /// <summary>Gets how many events were done in a second, on average.</summary>
    public double EventsPerSecond => Elapsed > TimeSpan.Zero ? Events / Elapsed.TotalSeconds : 0;

    /// <summary>Gets how often something failed that is tried again.</summary>
    public long Retries { get; init; }

    /// <summary>Gets the last failure that is tried again, or <see langword="null"/>.</summary>
    public MessagingException? LastFailure { get; init; }
}
