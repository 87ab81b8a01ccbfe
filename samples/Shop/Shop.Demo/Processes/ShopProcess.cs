using System.Diagnostics;

namespace Shop.Demo.Processes;

/// <summary>A process of the shop.</summary>
internal sealed class ShopProcess : IAsyncDisposable
{
    /// <summary>The first argument of this program when it is started as a process of the shop.</summary>
    public const string Verb = "serve";

    private const string Listening = "Now listening on: ";
    private const int LinesKept = 60;

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lines = new();

    private ShopProcess(string name, Process process) => (Name, _process) = (name, process);

    public string Name { get; }

    /// <summary>Gets the address at which the process takes requests.</summary>
    public Uri Address => _address.Task.Result;

    /// <summary>Gets the newest lines that the process has written.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>Starts a process, and returns when it takes requests.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="settings">Its configuration.</param>
    /// <param name="cancellationToken">Gives up and ends the process.</param>
    public static async Task<ShopProcess> StartAsync(string name, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ShopProcess).Assembly.Location, Verb, .. settings])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = new ShopProcess(name, Process.Start(start)!);

        try
        {
            process.Follow();
            await process._address.Task.WaitAsync(cancellationToken);
            return process;
        }
        catch
        {
            await process.KillAsync();
            throw;
        }
    }

    /// <summary>Ends the process as a crash would (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Lets the process stop in order.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Follow()
    {
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException($"Process '{Name}' ended before it took requests:\n{Output}"));
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);

            if (_lines.Count > LinesKept)
            {
                _lines.Dequeue();
            }
        }

        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..]));
        }
    }
}
