using System.IO.Compression;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Packaging;

public sealed class PackageTests(PackedPackages packages, OneNodeKafka kafka) : IClassFixture<PackedPackages>
{
    [Fact]
    public void Every_package_is_made_with_its_readme_documentation_and_symbols()
    {
        foreach (var name in Names())
        {
            Assert.Contains("README.md", Entries(packages.First, $"{name}.*.nupkg"));
            Assert.Contains($"lib/net10.0/{name}.dll", Entries(packages.First, $"{name}.*.nupkg"));
            Assert.Contains($"lib/net10.0/{name}.xml", Entries(packages.First, $"{name}.*.nupkg"));
            Assert.Contains($"lib/net10.0/{name}.pdb", Entries(packages.First, $"{name}.*.snupkg"));
        }
    }

    [Fact]
    public void Two_builds_give_the_same_assemblies_and_symbols()
    {
        foreach (var name in Names())
        {
            AssertSame($"{name}.*.nupkg", $"lib/net10.0/{name}.dll");
            AssertSame($"{name}.*.snupkg", $"lib/net10.0/{name}.pdb");
        }
    }

    [Fact(Timeout = 600_000)]
    public async Task The_quick_start_works_in_an_empty_project_with_one_package_added()
    {
        var servers = await kafka.GetAsync();
        var folder = packages.CreateFolder("Accounts");
        var program = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "samples", "QuickStart", "Program.cs"), TestContext.Current.CancellationToken);

        await packages.UseAsync("new", "web", "--output", folder, "--no-restore");
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), Sources(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program.Replace("localhost:9092", servers, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await packages.UseAsync("add", Path.Combine(folder, "Accounts.csproj"), "package", "Messaging.Patterns.Kafka");
        await packages.UseAsync("build", folder, "--verbosity", "quiet", "--output", Path.Combine(folder, "out"));

        await AssertPrintsAsync(folder, "was charged 12 (version 3)", "3: AccountCharged { Amount = 12 }");
    }

    // What the program prints comes from the listener and from the read, in any order; it runs until it is stopped.
    private static async Task AssertPrintsAsync(string folder, params string[] expected)
    {
        var output = Path.Combine(folder, "output.txt");
        using var process = ProcessRunner.Start("/bin/sh", ["-c", $"cd '{folder}' && exec dotnet out/Accounts.dll >'{output}' 2>&1"]);
        var printed = "";

        try
        {
            while (!expected.All(part => printed.Contains(part, StringComparison.Ordinal)))
            {
                Assert.False(process.HasExited, $"The quick start ended:\n{printed}");
                await Task.Delay(100, TestContext.Current.CancellationToken);
                printed = File.Exists(output) ? await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken) : "";
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private string Sources() => $"""
        <configuration>
          <packageSources>
            <add key="made here" value="{packages.First}" />
            <add key="native library, where the feed has none" value="{Path.Combine(RepositoryFolder.Root, "eng", "packages")}" />
          </packageSources>
        </configuration>
        """;

    private void AssertSame(string package, string entry) =>
        Assert.True(Content(packages.First, package, entry).SequenceEqual(Content(packages.Second, package, entry)), $"{entry} of {package} differs.");

    private static IEnumerable<string> Names() =>
        Directory.GetDirectories(Path.Combine(RepositoryFolder.Root, "src")).Where(folder => Directory.GetFiles(folder, "*.csproj").Length == 1).Select(folder => Path.GetFileName(folder)!);

    private static List<string> Entries(string folder, string package)
    {
        using var archive = ZipFile.OpenRead(Find(folder, package));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private static byte[] Content(string folder, string package, string entry)
    {
        using var archive = ZipFile.OpenRead(Find(folder, package));
        using var content = archive.GetEntry(entry)!.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    // The name of one package may begin with the name of another; the version begins with a digit.
    private static string Find(string folder, string package) =>
        Assert.Single(Directory.GetFiles(folder, package), file => char.IsAsciiDigit(Path.GetFileName(file)[package.IndexOf('*', StringComparison.Ordinal)]));
}
