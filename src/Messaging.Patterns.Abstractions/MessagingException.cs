namespace Messaging.Patterns;

/// <summary>The root of every failure that Messaging.Patterns reports, other than bad arguments.</summary>
/// <remarks>Decide on the type of the exception and on <see cref="IsTransient"/>, never on the text.</remarks>
public class MessagingException : Exception
{
    /// <summary>Initializes a failure with a message that names the thing, what was expected and what was found.</summary>
    /// <param name="message">The message.</param>
    /// <param name="inner">The cause, or <see langword="null"/>.</param>
    public MessagingException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Gets whether the same call may succeed later without any change. The default is <see langword="false"/>.</summary>
    public virtual bool IsTransient => false;
}
