namespace Messaging.Patterns.Packages.Tests;

public sealed class PackageMetadataTests
{
    [Fact]
    public void Every_package_has_a_description_and_tags() => Assert.All(Package.All, package =>
    {
        Assert.NotEmpty(Property(package, "Description"));
        Assert.NotEmpty(Property(package, "PackageTags"));
    });

    [Fact]
    public void Every_package_has_a_readme_that_says_what_it_is() => Assert.All(Package.All, package =>
    {
        Assert.StartsWith($"# {package.Name}\n", package.ReadMe, StringComparison.Ordinal);
        Assert.NotEmpty(package.ReadMe[package.ReadMe.IndexOf('\n', StringComparison.Ordinal)..].Trim());
    });

    private static string Property(Package package, string name) => (string?)package.Project.Descendants(name).SingleOrDefault() ?? "";
}
