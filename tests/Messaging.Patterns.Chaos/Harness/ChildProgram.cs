namespace Messaging.Patterns.Chaos.Harness;

/// <summary>This program as a process of a scenario.</summary>
internal static class ChildProgram
{
    public static async Task<int> RunAsync(IReadOnlyList<IScenario> scenarios, ChildSettings settings)
    {
        using var stopping = new CancellationTokenSource();
        FollowInput(stopping);
        Directory.CreateDirectory(settings.OwnFolder);

        try
        {
            await scenarios.Single(scenario => scenario.Name == settings.Scenario).RunChildAsync(settings, stopping.Token);
            return 0;
        }
        catch (Exception exception)
        {
            Console.WriteLine(exception);
            return 1;
        }
    }

    // The parent holds the other end of standard input: it closes it to have this process stop in order.
    private static void FollowInput(CancellationTokenSource stopping) =>
        new Thread(() =>
        {
            Console.OpenStandardInput().CopyTo(Stream.Null);
            stopping.Cancel();
        })
        { IsBackground = true, Name = "standard input" }.Start();
}
