namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>The statements of a relay on SQLite that move rows, for the tables of one model. Numbers follow the order of insertion, and are never given twice.</summary>
internal sealed class SqliteRelaySql(OutboxTableNames names)
{
    private const string Message = OutboxTableNames.Message;
    private const string Given = "id IN (SELECT value FROM json_each({0}))";

    /// <summary>Ids, a JSON array; now.</summary>
    public string[] Delete =>
    [
        .. names.Sent is { } sent ? [$"INSERT INTO {sent} (id, {Message}, sent_at) SELECT id, {Message}, {{1}} FROM {names.Outbox} WHERE {Given}"] : Array.Empty<string>(),
        $"DELETE FROM {names.Outbox} WHERE {Given}",
    ];

    /// <summary>Now, limit.</summary>
    public string[] MoveDue =>
    [
        $"INSERT INTO {names.Outbox} ({Message}) SELECT {Message} FROM ({Due}) ORDER BY not_before, id",
        $"DELETE FROM {names.Delayed} WHERE id IN (SELECT id FROM ({Due}))",
    ];

    /// <summary>Id, now, reason, attempts.</summary>
    public string[] Park =>
    [
        $"INSERT INTO {names.Parked} (id, {Message}, parked_at, reason, attempts) SELECT id, {Message}, {{1}}, {{2}}, {{3}} FROM {names.Outbox} WHERE id = {{0}}",
        $"DELETE FROM {names.Outbox} WHERE id = {{0}}",
    ];

    /// <summary>
    /// Bucket, key, the first parked number, the last number until now. A relay has passed over what waits behind a parked row; behind the last number it
    /// finds it. What lies before the parked rows is sent, though it may not be deleted yet.
    /// </summary>
    public string[] Replay =>
    [
        $"INSERT INTO {names.Outbox} ({Message}) SELECT {Message} FROM ({OfKey(names.Parked)} UNION ALL {OfKey(names.Outbox)}) ORDER BY id",
        $"DELETE FROM {names.Parked} WHERE bucket = {{0}} AND key = {{1}}",
        $"DELETE FROM {names.Outbox} WHERE bucket = {{0}} AND key = {{1}} AND id > {{2}} AND id <= {{3}}",
    ];

    private string Due => $"SELECT id, not_before, {Message} FROM {names.Delayed} WHERE not_before <= {{0}} ORDER BY not_before, id LIMIT {{1}}";

    private static string OfKey(string table) => $"SELECT id, {Message} FROM {table} WHERE bucket = {{0}} AND key = {{1}} AND id >= {{2}}";
}
