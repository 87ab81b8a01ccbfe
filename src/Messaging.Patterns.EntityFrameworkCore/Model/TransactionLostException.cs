namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>
/// The transaction of a context was rolled back with the connection on which it was begun, and the context was about to go on without one on another connection. Nothing of the
/// transaction was stored. Begin it anew, with another context.
/// </summary>
/// <remarks>It is a <see cref="TimeoutException"/>, since that is what retrying execution strategies of all providers take for transient.</remarks>
public sealed class TransactionLostException() : TimeoutException(
    "The transaction was rolled back, since its connection broke, and what is done next would have been stored without it. Nothing of it was stored. "
    + "Begin it anew, with another context; an execution strategy that retries does so by itself.");
