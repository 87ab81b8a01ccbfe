using System.Diagnostics;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>A process of a scenario, which is killed, paused and started again.</summary>
internal sealed class ChildProcess(ChildSettings settings) : IAsyncDisposable
{
    /// <summary>The first argument of this program when it is started as a child.</summary>
    public const string Verb = "child";

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private ChildSettings _settings = settings with { Incarnation = 0 };
    private readonly List<string> _failures = [];
    private readonly List<string> _remarks = [];
    private volatile Process? _process;
    private volatile bool _isEnding;

    public string Name => _settings.Name;

    /// <summary>Gets its name with the number of its last start, as its journal is called.</summary>
    public string NameOfStart => Path.GetFileNameWithoutExtension(_settings.JournalPath);

    public string Role => _settings.Role;

    /// <summary>Gets whether it was started and not made to end since.</summary>
    public bool IsStarted => _process is not null;

    /// <summary>Gets whether it could work at some time.</summary>
    public bool IsReady => _settings.IsReady;

    /// <summary>Gets whether it ended though nobody made it.</summary>
    public bool HasFailed => !_isEnding && _process is { HasExited: true };

    /// <summary>Gets what it could not do though nothing was in its way.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Gets the stops in order that took too long. To everybody else they were kills, and are judged as such.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>Gets the file that takes what it writes to the console.</summary>
    public string OutputPath => Path.Combine(_settings.Folder, $"{Name}.output");

    public void Start()
    {
        _settings = _settings with { Incarnation = _settings.Incarnation + 1, Seed = _settings.Seed + 1_000 };
        _process = ProcessRunner.Start(
            "/bin/sh",
            ["-c", "exec \"$@\" >>\"$CHAOS_OUTPUT\" 2>&1", "sh", "dotnet", typeof(ChildProcess).Assembly.Location, Verb, _settings.ToString()],
            new Dictionary<string, string> { ["CHAOS_OUTPUT"] = OutputPath });
        _isEnding = false;
    }

    /// <summary>Kills it with SIGKILL, also when it is paused, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _isEnding = true;
        _process!.Kill();
        await _process.WaitForExitAsync();
        Forget();
    }

    /// <summary>Lets it stop in order.</summary>
    public async Task StopAsync()
    {
        _isEnding = true;
        _process!.StandardInput.Close();
        await WaitAsync(StopLimit, "did not stop in order", _remarks);
    }

    /// <summary>Waits until it has ended by itself, and kills it when it takes too long. Anything but success is kept as failure.</summary>
    public Task WaitAsync(TimeSpan limit, string failure) => WaitAsync(limit, failure, _failures);

    /// <summary>Changes what it does the next time it is started.</summary>
    public void Become(string role) => _settings = _settings with { Role = role };

    public Task PauseAsync() => SignalAsync("STOP");

    public Task ResumeAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }
    }

    private async Task WaitAsync(TimeSpan limit, string failure, List<string> late)
    {
        _isEnding = true;
        using var over = new CancellationTokenSource(limit);

        try
        {
            await _process!.WaitForExitAsync(over.Token);

            if (_process.ExitCode != 0)
            {
                _failures.Add($"{Name} {failure}: exit code {_process.ExitCode}");
            }

            Forget();
        }
        catch (OperationCanceledException)
        {
            late.Add($"{Name} {failure}: still running after {limit.TotalSeconds:N0} s");
            await KillAsync();
        }
    }

    private Task<ProcessResult> SignalAsync(string signal) => ProcessRunner.RunAsync("/bin/kill", [$"-{signal}", $"{_process!.Id}"]);

    private void Forget()
    {
        _process!.Dispose();
        _process = null;
    }
}
