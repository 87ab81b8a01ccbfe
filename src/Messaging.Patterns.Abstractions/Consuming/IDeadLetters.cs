namespace Messaging.Patterns.Consuming;

/// <summary>The events that consumer groups set aside: looks at them, and brings them back.</summary>
public interface IDeadLetters
{
    /// <summary>Returns dead letters of a group, in the order in which they were set aside; none if the group has no dead letters yet.</summary>
    /// <param name="group">The consumer group.</param>
    /// <param name="filter">Which are meant; <see langword="null"/> for all that were not replayed.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<DeadLetter> BrowseAsync(string group, DeadLetterFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Puts records of dead letters back where they came from, byte by byte with key and headers, and marks them as replayed.</summary>
    /// <remarks>
    /// Each record is stored before it is marked, and the mark is kept beside the dead letters: a replay that is interrupted and done again repeats what was not
    /// marked, and loses nothing. A replayed event comes after later events of its key.
    /// </remarks>
    /// <param name="group">The consumer group.</param>
    /// <param name="filter">Which are meant; <see langword="null"/> for all that were not replayed.</param>
    /// <param name="cancellationToken">Ends the replay after the record in hand.</param>
    /// <returns>How many were replayed.</returns>
    /// <exception cref="MessagingException">One of them cannot be replayed; those before it are.</exception>
    ValueTask<int> ReplayAsync(string group, DeadLetterFilter? filter = null, CancellationToken cancellationToken = default);
}
