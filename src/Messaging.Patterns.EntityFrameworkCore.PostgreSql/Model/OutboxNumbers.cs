using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Model;

/// <summary>
/// How the rows of an outbox table get their numbers: a trigger takes the lock of the row's bucket, which its transaction keeps until it has ended, and only
/// then draws. So nobody draws a number for a key whose earlier number is not visible yet, and within a bucket rows become visible in the order of their numbers.
/// </summary>
/// <param name="Schema">The table's schema, or <see langword="null"/> for the default one.</param>
/// <param name="Table">The table.</param>
/// <param name="Version">The version of the trigger.</param>
internal sealed record OutboxNumbers(string? Schema, string Table, string Version)
{
    /// <summary>The version of the trigger that this version of the library makes.</summary>
    public const string CurrentVersion = "1";

    /// <summary>The annotation of the entity type that has the trigger's version, so that migrations see when it changes.</summary>
    public const string Annotation = "MessagingPatterns:OutboxNumbers";

    // Tells these locks from others of the application: 'MP' in the highest 16 bits, the table in the middle, the bucket in the lowest 16.
    private const int LockSpace = 0x4D50;

    /// <summary>Gets the name of the sequence, without its schema.</summary>
    public string Sequence => $"{Table}_number";

    /// <summary>Gets the name of the trigger and its function, without their schema.</summary>
    public string Trigger => $"{Table}_draw_number";

    /// <summary>Returns the number of a bucket's lock, as SQL.</summary>
    /// <param name="table">The table's oid, as SQL.</param>
    /// <param name="bucket">The bucket, as SQL.</param>
    public static string LockOf(string table, string bucket) => $"({LockSpace}::bigint << 48) | ({table}::bigint << 16) | {bucket}";

    /// <summary>Returns what a model says, or <see langword="null"/> if it has no outbox with numbers.</summary>
    public static OutboxNumbers? Find(IReadOnlyModel? model) =>
        model?.FindEntityType(typeof(OutboxRow).FullName!) is { } row && row.GetTableName() is { } table && row.FindAnnotation(Annotation)?.Value is string version
            ? new(row.GetSchema(), table, version)
            : null;

    /// <summary>Returns what is to be done once the table is there: for the first time, or after it had another name, schema or version of the trigger.</summary>
    /// <param name="sql">Delimits names.</param>
    /// <param name="before">What there was, already without its trigger; its sequence has moved along with its table, and goes on.</param>
    public string Create(ISqlGenerationHelper sql, OutboxNumbers? before) => (before is null ? CreateSequence(sql) : RenameSequence(sql, before)) +
        $"""
        CREATE FUNCTION {Name(sql, Trigger)}() RETURNS trigger LANGUAGE plpgsql AS $function$
        BEGIN
            -- The order of these two statements is the order of events: lock, then draw.
            PERFORM pg_advisory_xact_lock({LockOf("TG_RELID", "NEW.bucket")});
            NEW.id := nextval({Literal(Name(sql, Sequence))});
            RETURN NEW;
        END
        $function$;

        CREATE TRIGGER {sql.DelimitIdentifier(Trigger)} BEFORE INSERT ON {Name(sql, Table)} FOR EACH ROW EXECUTE FUNCTION {Name(sql, Trigger)}();
        """;

    /// <summary>Returns what is to be done before the table changes or goes, which takes its sequence along.</summary>
    public string Drop(ISqlGenerationHelper sql) => $"DROP FUNCTION IF EXISTS {Name(sql, Trigger)}() CASCADE;";

    // A table that was there before, with numbers from elsewhere, goes on behind them.
    private string CreateSequence(ISqlGenerationHelper sql) =>
        $"""
        CREATE SEQUENCE {Name(sql, Sequence)} AS bigint CACHE 1 OWNED BY {Name(sql, Table)}."id";
        SELECT setval({Literal(Name(sql, Sequence))}, coalesce(max("id"), 0) + 1, false) FROM {Name(sql, Table)};


        """;

    private string RenameSequence(ISqlGenerationHelper sql, OutboxNumbers before) => before.Sequence == Sequence ? "" :
        $"""
        ALTER SEQUENCE {Name(sql, before.Sequence)} RENAME TO {sql.DelimitIdentifier(Sequence)};


        """;

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private string Name(ISqlGenerationHelper sql, string name) => sql.DelimitIdentifier(name, Schema);
}
