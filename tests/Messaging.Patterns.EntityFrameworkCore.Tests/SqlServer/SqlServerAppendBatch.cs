using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>What the command that appends does, one statement after another, as it is read out of its text.</summary>
/// <param name="Steps">What its statements do.</param>
/// <param name="EndsWithAnError">Whether a statement that fails ends it. Otherwise the server goes on with the next one.</param>
internal sealed record SqlServerAppendBatch(IReadOnlyList<SqlServerAppendBatch.Step> Steps, bool EndsWithAnError)
{
    private const string Insert =
        "IF EXISTS (SELECT 1 FROM (SELECT @version AS [version]) AS head WHERE head.version = @expected) "
        + "AND NOT EXISTS (SELECT 1 FROM [messaging_event] WHERE [stream] = @stream AND [append_id] = @append) "
        + "BEGIN INSERT INTO [messaging_event] ([number], [stream], [append_id], [version], [event_index], [event_id], [type], [time], [content_type], [metadata], [data]) "
        + "SELECT @number, @stream, @append, @version + 1 + v.column1, v.column1,";

    /// <summary>What a statement does.</summary>
    internal enum Step
    {
        /// <summary>Fails if there is no transaction.</summary>
        CheckTransaction,

        /// <summary>Locks the row of numbers, and counts it up.</summary>
        Draw,

        /// <summary>Takes the next number from a sequence, which waits for nobody.</summary>
        Sequence,

        /// <summary>Reads the next number without a lock.</summary>
        Peek,

        /// <summary>Writes that number down.</summary>
        Keep,

        /// <summary>Fails if no number was drawn.</summary>
        CheckNumber,

        /// <summary>Reads the version of the stream.</summary>
        ReadVersion,

        /// <summary>Inserts, if the version is as expected and the append is not there.</summary>
        Insert,
    }

    /// <summary>Reads a command.</summary>
    public static SqlServerAppendBatch Of(string text)
    {
        var statements = Assert.Single(TransactSql.Parse(text).Batches).Statements;
        var guarded = statements.OfType<TryCatchStatement>().SingleOrDefault();
        var body = guarded is null ? statements : guarded.TryStatements.Statements;
        return new([.. body.Where(statement => statement is not DeclareVariableStatement).Select(StepOf)], guarded?.CatchStatements.Statements is [ThrowStatement]);
    }

    private static Step StepOf(TSqlStatement statement) => (statement, Text: Normalize(statement)) switch
    {
        (IfStatement { ThenStatement: ThrowStatement }, var text) when text.StartsWith("IF @@TRANCOUNT = 0 ", StringComparison.Ordinal) => Step.CheckTransaction,
        (IfStatement { ThenStatement: ThrowStatement }, var text) when text.StartsWith("IF @number IS NULL ", StringComparison.Ordinal) => Step.CheckNumber,
        (UpdateStatement, "UPDATE [messaging_event_number] SET @number = [number] = [number] + 1 WHERE [id] = 1;") => Step.Draw,
        (UpdateStatement, "UPDATE [messaging_event_number] SET [number] = @number WHERE [id] = 1;") => Step.Keep,
        (SetVariableStatement, "SET @number = NEXT VALUE FOR [messaging_event_sequence];") => Step.Sequence,
        (SelectStatement, "SELECT @number = [number] + 1 FROM [messaging_event_number] WHERE [id] = 1;") => Step.Peek,
        (SelectStatement, "SELECT @version = COALESCE(MAX([version]), 0) FROM [messaging_event] WHERE [stream] = @stream;") => Step.ReadVersion,
        (IfStatement { ThenStatement: BeginEndBlockStatement { StatementList.Statements: [InsertStatement, SelectStatement] } }, var text) when text.StartsWith(Insert, StringComparison.Ordinal) => Step.Insert,
        var (_, text) => throw new InvalidOperationException($"The simulation does not know what this does: {text}"),
    };

    private static string Normalize(TSqlFragment fragment) => string.Join(' ', TransactSql.TextOf(fragment).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
