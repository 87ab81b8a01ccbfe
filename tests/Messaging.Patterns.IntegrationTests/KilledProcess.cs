using System.Diagnostics;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests;

/// <summary>A process that the kernel kills, in the middle of something: it runs a method of this assembly that is an explicit test.</summary>
internal static class KilledProcess
{
    /// <summary>Starts it.</summary>
    /// <param name="type">The class of the method.</param>
    /// <param name="method">The method, marked as <c>[Fact(Explicit = true)]</c>, which works until it is killed.</param>
    /// <param name="told">Environment variables that tell it what to do.</param>
    public static Process Start(Type type, string method, IReadOnlyDictionary<string, string> told)
    {
        var process = ProcessRunner.Start("dotnet", [type.Assembly.Location, "-explicit", "only", "-method", $"{type.FullName}.{method}"], told);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Kills it, without a word.</summary>
    public static Task EndAsync(Process process)
    {
        process.Kill();
        return process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
