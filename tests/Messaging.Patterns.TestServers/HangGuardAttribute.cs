using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

namespace Messaging.Patterns.TestServers;

/// <summary>
/// Cancels a test that waits for something that does not come, so that it fails where it waits, and is named, instead of holding up
/// all others without a word. The limit is far from what any test takes, on any machine: nothing is measured by it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class HangGuardAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    private readonly ConcurrentDictionary<string, Timer> _running = new();

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        var context = TestContext.Current;
        _running[test.UniqueID] = new Timer(_ => Cancel(context), null, Limit, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (_running.TryRemove(test.UniqueID, out var timer))
        {
            timer.Dispose();
        }
    }

    private static void Cancel(ITestContext context)
    {
        // Said at once: what does not watch the token waits on, until the whole suite is ended.
        Console.Error.WriteLine($"HANGS: {context.Test?.TestDisplayName} runs since {Limit.TotalMinutes} minutes, and is cancelled.");
        context.CancelCurrentTest();
    }
}
