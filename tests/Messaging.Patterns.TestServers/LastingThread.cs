using System.Collections.Concurrent;

namespace Messaging.Patterns.TestServers;

/// <summary>A thread that lives as long as this process.</summary>
/// <remarks>The kernel's "die with your parent" means the thread that started the child, and threads of the pool come and go.</remarks>
internal static class LastingThread
{
    private static readonly BlockingCollection<Action> Work = Start();

    public static T Run<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                result.SetResult(function());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        });
        return result.Task.GetAwaiter().GetResult();
    }

    private static BlockingCollection<Action> Start()
    {
        var work = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var action in work.GetConsumingEnumerable())
            {
                action();
            }
        })
        { IsBackground = true, Name = "starts processes" }.Start();
        return work;
    }
}
