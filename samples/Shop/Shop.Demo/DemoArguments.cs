using System.Globalization;

namespace Shop.Demo;

/// <summary>What the command line asks for.</summary>
/// <param name="Kafka">The address of a real Kafka; <see langword="null"/> for the embedded broker.</param>
/// <param name="PostgreSql">The connection string of a PostgreSQL that may create databases, for the tables; <see langword="null"/> for SQLite.</param>
/// <param name="IsCheck">Whether the shop is checked instead of shown.</param>
/// <param name="Port">The port of the page.</param>
internal sealed record DemoArguments(string? Kafka = null, string? PostgreSql = null, bool IsCheck = false, int Port = 5080)
{
    public const string Usage = "Usage: [--kafka HOST:PORT[,HOST:PORT ...]] [--postgres CONNECTION-STRING] [--check] [--port PORT]";

    /// <summary>Parses a command line; <see langword="null"/> when it is not understood.</summary>
    public static DemoArguments? Parse(string[] args) => Parse(args, new DemoArguments());

    private static DemoArguments? Parse(string[] args, DemoArguments parsed) => args switch
    {
        [] => parsed,
        ["--check", .. var rest] => Parse(rest, parsed with { IsCheck = true }),
        ["--kafka", var kafka, .. var rest] when kafka.Contains(':', StringComparison.Ordinal) => Parse(rest, parsed with { Kafka = kafka }),
        ["--postgres", var postgreSql, .. var rest] when postgreSql.Contains("Host=", StringComparison.OrdinalIgnoreCase) => Parse(rest, parsed with { PostgreSql = postgreSql }),
        ["--port", var port, .. var rest] when ushort.TryParse(port, CultureInfo.InvariantCulture, out var number) => Parse(rest, parsed with { Port = number }),
        _ => null,
    };
}
