using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Packages.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Every_options_class_has_a_validator()
    {
        var missing =
            from package in Package.All
            from options in package.Assembly.GetExportedTypes().Where(IsOptions)
            let validator = typeof(IValidateOptions<>).MakeGenericType(options)
            where !package.Assembly.GetTypes().Any(type => type.IsClass && type.IsAssignableTo(validator))
            select options.FullName;

        Assert.Empty(missing);
    }

    [Fact]
    public void There_are_options_classes() => Assert.Contains(Package.All.SelectMany(package => package.Assembly.GetExportedTypes()), IsOptions);

    /// <summary>Bound and validated at start; the records of the same name are arguments of a call and check themselves.</summary>
    private static bool IsOptions(Type type) => type.IsClass && type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetMethod("<Clone>$") is null;
}
