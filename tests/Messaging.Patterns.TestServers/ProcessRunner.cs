using System.Diagnostics;

namespace Messaging.Patterns.TestServers;

/// <summary>The end of a program.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Errors);

/// <summary>Runs programs.</summary>
public static class ProcessRunner
{
    /// <summary>Runs a program to its end.</summary>
    public static async Task<ProcessResult> RunAsync(
        string file, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string>? environment = null, string? user = null, CancellationToken cancellationToken = default)
    {
        using var process = Start(file, arguments, environment, user);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);

        try
        {
            await process.StandardInput.WriteAsync(input ?? "");
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return new(process.ExitCode, await output.WaitAsync(cancellationToken), await errors.WaitAsync(cancellationToken));
        }
        catch (OperationCanceledException exception)
        {
            process.Kill(entireProcessTree: true);
            throw new OperationCanceledException($"{file} was ended before it came to its end. Until then it said: {await SoFarAsync(output)} {await SoFarAsync(errors)}", exception, cancellationToken);
        }
    }

    /// <summary>Starts a program that dies with this process, however that ends.</summary>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="user">The user that it runs as; the default is the one of this process.</param>
    public static Process Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? user = null)
    {
        // The kernel kills the child with its parent, also when that is killed itself.
        string[] identity = user is null ? [] : [$"--reuid={user}", $"--regid={user}", "--clear-groups"];
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", .. identity, file, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return LastingThread.Run(() => Process.Start(start)!);
    }

    // It ends with the last process that holds it, which need not be a child of the one that was killed.
    private static async Task<string> SoFarAsync(Task<string> text) =>
        await Task.WhenAny(text, Task.Delay(TimeSpan.FromSeconds(5))) == text ? await text : "(nothing known: a process that it started lives on)";
}
