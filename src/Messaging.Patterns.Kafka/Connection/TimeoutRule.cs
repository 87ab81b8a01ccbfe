using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection;

internal static class TimeoutRule
{
    // What timers take.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>Adds an error if a time limit is not positive, or longer than a timer can be.</summary>
    public static void CheckTimeout(this ValidateOptionsResultBuilder result, TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value > Longest)
        {
            result.AddError($"must be positive and at most {Longest.Days} days, but is {value}.", name);
        }
    }
}
