namespace Shop.Demo.Processes;

/// <summary>Runs a process of the shop that never outlives the program that started it.</summary>
internal static class ShopHost
{
    public static Task RunAsync(string[] args)
    {
        var app = ShopApp.Create(args);

        // The other program holds the other end of standard input. When it has gone, however it ended, the input ends.
        new Thread(() =>
        {
            Console.OpenStandardInput().CopyTo(Stream.Null);
            app.Lifetime.StopApplication();
        })
        { IsBackground = true, Name = "standard input" }.Start();

        return app.RunAsync();
    }
}
