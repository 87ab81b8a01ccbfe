using System.Text.RegularExpressions;

namespace Messaging.Patterns.Tests.Documentation;

/// <summary>What can be seen of the code from outside is in the reference tables.</summary>
public sealed partial class ReferenceTests
{
    private static readonly List<string> Sources = [.. Repository.Files("src", "*.cs").Select(File.ReadAllText)];

    [Fact]
    public void Every_log_event_is_listed_with_its_level()
    {
        var diagnostics = Repository.Read("docs/diagnostics.md");
        var events = Sources.SelectMany(source => LogEvent().Matches(source)).Select(match => (Id: match.Groups["id"].Value, Level: match.Groups["level"].Value)).ToList();

        Assert.NotEmpty(events);
        Repository.AssertNone(events.Where(log => !Regex.IsMatch(diagnostics, $@"^\| {log.Id} \| [^|]*{log.Level}", RegexOptions.Multiline)).Select(log => $"{log}"));
    }

    [Fact]
    public void Every_log_event_that_is_listed_exists()
    {
        var ids = Sources.SelectMany(source => LogEvent().Matches(source)).Select(match => match.Groups["id"].Value).ToHashSet(StringComparer.Ordinal);

        Repository.AssertNone(Regex.Matches(Repository.Read("docs/diagnostics.md"), @"^\| (?<id>\d{4}) \|", RegexOptions.Multiline).Select(match => match.Groups["id"].Value).Where(id => !ids.Contains(id)));
    }

    [Fact]
    public void Every_instrument_is_listed()
    {
        var diagnostics = Repository.Read("docs/diagnostics.md");
        var instruments = Sources.SelectMany(source => Instrument().Matches(source)).Select(match => match.Groups["name"].Value).ToList();

        Assert.NotEmpty(instruments);
        Repository.AssertNone(instruments.Where(name => !diagnostics.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_option_is_in_a_table()
    {
        var tables = string.Concat(Repository.Pages.Select(page => string.Join('\n', page.Prose.Split('\n').Where(line => line.StartsWith('|')))));
        var options = Repository.Files("src", "*Options.cs").Append(Path.Combine(Repository.Root, "src/Messaging.Patterns.Kafka/Topics/TopicSpecification.cs"))
            .SelectMany(path => Property().Matches(File.ReadAllText(path)).Select(match => (Path.GetFileNameWithoutExtension(path), Name: match.Groups["name"].Value))).ToList();

        Assert.NotEmpty(options);
        Repository.AssertNone(options.Where(option => !tables.Contains($"`{option.Name}`", StringComparison.Ordinal)).Select(option => $"{option}"));
    }

    [Fact]
    public void Every_configuration_section_is_named()
    {
        var sections = Sources.SelectMany(source => Section().Matches(source)).Select(match => $"Messaging:Kafka{match.Groups["name"].Value}").ToList();

        Assert.NotEmpty(sections);
        Repository.AssertNone(sections.Where(section => !Repository.Pages.Any(page => page.Prose.Contains($"section `{section}", StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_setting_that_is_refused_is_in_a_table()
    {
        var page = Repository.Read("docs/patterns/event-sourcing.md");
        var settings = RefusedSetting().Matches(Repository.Read("src/Messaging.Patterns.Kafka/Connection/KafkaGuards.cs")).Select(match => match.Groups["name"].Value).ToList();

        Assert.NotEmpty(settings);
        Repository.AssertNone(settings.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_exception_is_in_a_table()
    {
        var rows = Repository.Pages.SelectMany(page => page.Prose.Split('\n')).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();
        var exceptions = Sources.SelectMany(source => PublicException().Matches(source)).Select(match => match.Groups["name"].Value).ToList();

        Assert.NotEmpty(exceptions);
        Repository.AssertNone(exceptions.Where(name => !rows.Any(row => row.StartsWith($"| `{name}`", StringComparison.Ordinal))));
    }

    [GeneratedRegex(@"\[LoggerMessage\((?:EventId = )?(?<id>\d+),(?: LogLevel\.(?<level>\w+))?")]
    private static partial Regex LogEvent();

    [GeneratedRegex(@"\.Create\w+<\w+>\(\s*""(?<name>[^""]+)""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^    public (?!const|static|override)[\w<>?\[\], ]+ (?<name>\w+) \{ get;", RegexOptions.Multiline)]
    private static partial Regex Property();

    [GeneratedRegex(@"\[""(?<name>[\w.]+)""\] = \(")]
    private static partial Regex RefusedSetting();

    [GeneratedRegex(@"const string Section = (?:""Messaging:Kafka""|KafkaOptions\.Section \+ ""(?<name>[^""]+)"")")]
    private static partial Regex Section();

    [GeneratedRegex(@"^public (?:sealed )?class (?<name>\w+Exception)\b", RegexOptions.Multiline)]
    private static partial Regex PublicException();
}
