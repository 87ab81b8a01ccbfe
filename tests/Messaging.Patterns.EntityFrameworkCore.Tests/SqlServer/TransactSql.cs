using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>T-SQL as Microsoft's own parser reads it, in the newest version that it has.</summary>
internal static class TransactSql
{
    /// <summary>Parses a text, which must have no errors.</summary>
    public static TSqlScript Parse(string text)
    {
        var script = new TSql180Parser(initialQuotedIdentifiers: true).Parse(new StringReader(text), out var errors);
        Assert.True(errors.Count == 0, $"{string.Join('\n', errors.Select(error => $"line {error.Line}, column {error.Column}: {error.Message}"))}\n{text}");
        return (TSqlScript)script;
    }

    /// <summary>Returns the text of a part of it.</summary>
    public static string TextOf(TSqlFragment fragment) =>
        string.Concat(fragment.ScriptTokenStream.Skip(fragment.FirstTokenIndex).Take(fragment.LastTokenIndex - fragment.FirstTokenIndex + 1).Select(token => token.Text));
}
