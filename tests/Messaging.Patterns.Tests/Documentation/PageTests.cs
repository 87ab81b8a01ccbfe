using System.Text.RegularExpressions;

namespace Messaging.Patterns.Tests.Documentation;

/// <summary>Pages hang together, and their code compiles.</summary>
public sealed partial class PageTests
{
    [Fact]
    public void Every_link_leads_somewhere() =>
        Repository.AssertNone(Repository.Pages.SelectMany(page => page.Links.Where(target => !Leads(page, target)).Select(target => $"{page.Name}: {target}")));

    [Fact]
    public void Every_snippet_is_an_excerpt_of_a_sample_that_compiles()
    {
        var samples = Repository.Files("samples", "*.cs").Select(path => Normalize(File.ReadAllText(path))).ToList();

        Assert.NotEmpty(samples);
        Repository.AssertNone(Repository.Pages.SelectMany(page => page.Snippets
            .Where(snippet => !samples.Any(sample => sample.Contains(Normalize(snippet), StringComparison.Ordinal)))
            .Select(snippet => $"{page.Name}:\n{snippet}")));
    }

    [Fact]
    public void Every_test_that_a_page_names_exists()
    {
        // The product has a few classes named like suites.
        var tests = Repository.Files("tests", "*.cs").Concat(Repository.Files("src", "*Contract.cs")).Select(File.ReadAllText).ToList();
        var named = Repository.Pages.SelectMany(page => TestName().Matches(page.Prose).Select(match => (page.Name, Class: match.Groups["class"].Value, Method: match.Groups["method"].Value)));

        Repository.AssertNone(named.Where(name => !tests.Any(test => Declares(test, name.Class, name.Method))).Select(name => $"{name}"));
    }

    private static bool Declares(string test, string type, string method) =>
        Regex.IsMatch(test, $@"\bclass {type}\b") && (method.Length == 0 || Regex.IsMatch(test, $@"\b{method}\("));

    private static bool Leads(Page page, string target)
    {
        var (path, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, null);
        var full = path.Length == 0 ? page.FullPath : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page.FullPath)!, path));
        return (File.Exists(full) || Directory.Exists(full))
            && (anchor is null || Repository.Pages.Any(other => other.FullPath == full && other.Anchors.Contains(anchor)));
    }

    // Excerpts differ from their source in indentation only, and may leave out how the last line ends.
    private static string Normalize(string code) =>
        string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)).TrimEnd(';', ',');

    [GeneratedRegex(@"`(?<class>\w+(?:Tests|Contract))(?:\.(?<method>\w+))?`")]
    private static partial Regex TestName();
}
