using System.Text.RegularExpressions;

namespace Messaging.Patterns.Tests.Documentation;

/// <summary>A page in Markdown.</summary>
internal sealed partial class Page
{
    public Page(string path)
    {
        FullPath = path;
        Text = File.ReadAllText(path).ReplaceLineEndings("\n");
        Prose = CodeBlock().Replace(Text, "");
    }

    public string FullPath { get; }

    public string Name => Path.GetRelativePath(Repository.Root, FullPath);

    public string Text { get; }

    /// <summary>Gets the text without its code blocks.</summary>
    public string Prose { get; }

    /// <summary>Gets the C# of the page, block by block.</summary>
    public IEnumerable<string> Snippets => CodeBlock().Matches(Text).Where(match => match.Groups["language"].Value == "csharp").Select(match => match.Groups["code"].Value);

    /// <summary>Gets the targets of the page's links, and its pictures, within the repository.</summary>
    public IEnumerable<string> Links => Link().Matches(Prose).Select(match => match.Groups["target"].Value).Where(target => !target.Contains("://", StringComparison.Ordinal));

    /// <summary>Gets the anchors of the page's headings, as GitHub makes them.</summary>
    public IReadOnlySet<string> Anchors => Heading().Matches(Prose).Select(match => AnchorOf(match.Groups["title"].Value)).ToHashSet(StringComparer.Ordinal);

    private static string AnchorOf(string title) =>
        string.Concat(title.Trim().ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex("^```(?<language>\\w*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
