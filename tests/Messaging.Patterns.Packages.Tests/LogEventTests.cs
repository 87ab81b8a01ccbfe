using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Packages.Tests;

public sealed class LogEventTests
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void Log_event_ids_are_given_once_per_package()
    {
        var repeated =
            from package in Package.All
            from sharing in Events(package).GroupBy(logged => logged.Id)
            where sharing.Count() > 1 || sharing.Key <= 0
            select $"{package.Name}: {sharing.Key} is {string.Join(", ", sharing.Select(logged => logged.Name))}";

        Assert.Empty(repeated);
    }

    [Fact]
    public void There_are_log_events() => Assert.NotEmpty(Package.All.SelectMany(Events));

    private static IEnumerable<(int Id, string Name)> Events(Package package) =>
        from type in package.Assembly.GetTypes()
        from method in type.GetMethods(Any)
        let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
        where attribute is not null
        select (attribute.EventId, $"{type.FullName}.{method.Name}");
}
