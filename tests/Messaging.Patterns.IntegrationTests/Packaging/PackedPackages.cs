using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Packaging;

/// <summary>The packages, made twice by <c>eng/pack.sh</c>.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("packages-");

    /// <summary>Gets the folder of the first run.</summary>
    public string First => Path.Combine(_folder.FullName, "first");

    /// <summary>Gets the folder of the second run.</summary>
    public string Second => Path.Combine(_folder.FullName, "second");

    /// <summary>Makes an empty folder that goes with the packages.</summary>
    public string CreateFolder(string name) => _folder.CreateSubdirectory(name).FullName;

    /// <summary>Runs the SDK as a user of the packages would.</summary>
    public Task UseAsync(params string[] arguments) => RunAsync("dotnet", arguments, new()
    {
        // Our packages have the same version whenever they are made: NuGet must not remember them.
        ["NUGET_PACKAGES"] = CreateFolder("restored"),
        ["NUGET_FALLBACK_PACKAGES"] = NuGetFolder,
    });

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await RunAsync(PackScript, [First], []);
        await RunAsync(PackScript, [Second], []);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string PackScript => Path.Combine(RepositoryFolder.Root, "eng", "pack.sh");

    private static string NuGetFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } given
        ? given
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    // Leaves no process and no file behind.
    private async Task RunAsync(string file, string[] arguments, Dictionary<string, string> environment)
    {
        environment["TMPDIR"] = CreateFolder("tmp");
        environment["MSBUILDDISABLENODEREUSE"] = "1";
        environment["UseSharedCompilation"] = "false";
        environment["DOTNET_NOLOGO"] = "1";
        var result = await ProcessRunner.RunAsync(file, arguments, environment: environment);
        Assert.True(result.ExitCode == 0, $"{file} {string.Join(' ', arguments)}\n{result.Output}{result.Errors}");
    }
}
