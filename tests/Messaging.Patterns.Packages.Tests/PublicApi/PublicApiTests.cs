namespace Messaging.Patterns.Packages.Tests.PublicApi;

public sealed class PublicApiTests
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Packages.Tests", "PublicApi");

    public static TheoryData<string> Packages => [.. Package.All.Select(package => package.Name)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_api_is_the_approved_one(string package)
    {
        var actual = ApiText.Of(Package.All.Single(other => other.Name == package).Assembly);
        var file = Path.Combine(Folder, $"{package}.approved.txt");

        if (Environment.GetEnvironmentVariable("APPROVE") == "1")
        {
            File.WriteAllText(file, actual);
            return;
        }

        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(actual == approved, Explain(package, approved.Split('\n'), actual.Split('\n')));
    }

    [Fact]
    public void Nothing_is_approved_for_a_package_that_is_not_there() => Assert.Equal(
        Package.All.Select(package => $"{package.Name}.approved.txt").Order(), Directory.GetFiles(Folder, "*.approved.txt").Select(Path.GetFileName).Order());

    private static string Explain(string package, string[] approved, string[] actual) => $"""
        The public API of {package} is not the approved one:
        {string.Join('\n', approved.Except(actual).Select(line => $"- {line}").Concat(actual.Except(approved).Select(line => $"+ {line}")))}
        If the change is meant, run these tests once with APPROVE=1, commit the changed PublicApi/*.approved.txt, and say it in CHANGELOG.md.
        """;
}
