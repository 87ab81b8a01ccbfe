namespace Messaging.Patterns.Packages.Tests;

public sealed class PackageMetadataTests
{
    [Fact]
    public void Every_package_has_a_description_and_tags() => Assert.All(Package.All, package =>
    {
        Assert.NotEmpty(Property(package, "Description"));
        Assert.NotEmpty(Property(package, "PackageTags"));
    });

    private static string Property(Package package, string name) => (string?)package.Project.Descendants(name).SingleOrDefault() ?? "";
}
