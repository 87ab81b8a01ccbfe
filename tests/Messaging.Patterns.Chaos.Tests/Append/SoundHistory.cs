using Messaging.Patterns.Chaos.Append;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Tests.Append;

/// <summary>A short history in which everything is as it must be: a race, a decision, an unknown outcome that is resolved, a repetition.</summary>
internal static class SoundHistory
{
    public const string Topic = "notes";
    public const string Stream = "note-a";

    private static readonly Dictionary<string, Guid> Ids = new() { ["opened"] = new(1, 0, 0, new byte[8]), ["late"] = new(2, 0, 0, new byte[8]) };

    public static AppendHistory Make()
    {
        var history = new AppendHistory
        {
            Topic = Topic,
            Log = Log,
            LogWithCopies = [.. Log, Frame(8, 4, "late", 1, @base: 4, isAccepted: false)],
            Appends =
            [
                Append("opened", "0", 10, 20, Answer.Accepted, 1, "notes:0@2"),
                Append("beaten", "0", 12, 22, Answer.Conflict, 1),
                Append("decided", "", 30, 40, Answer.Accepted, 3, "notes:0@4", count: 2, decides: true),
                Append("late", "any", 50, 60, Answer.Unknown) with { Pending = new PendingNote(Stream, Ids["late"], 4, 1, "notes:0@4", [1]) },
                Append("killed", "any", 64, long.MaxValue, Answer.None),
                Append("opened", "0", 90, 95, Answer.Accepted, 1, "notes:0@2"),
                Append("refused", "7", 96, 99, Answer.NotWritten),
            ],
            Resolves = [new ResolveCall("writer-2.1", new PendingNote(Stream, Ids["late"], 4, 1, "notes:0@4", [1]), 70) { Ended = 80, Answer = Answer.Accepted, Version = 4, Position = "notes:0@5" }],
            Handlings = [Handled(1, 1, 0, "opened#0", 21, 22), Handled(2, 3, 0, "decided#0@1", 42, 43), Handled(3, 3, 1, "decided#1@1", 43, 44), Handled(4, 4, 0, "late#0", 61, 62)],
            Commits = [new Committed(50, new Dictionary<int, long> { [0] = 4 }), new Committed(100, new Dictionary<int, long> { [0] = 6 })],
            Probes = [("writer-1.2", new VersionProbed(300, Stream, 4))],
        };
        return history with
        {
            Reads =
            [
                Read(history, Freshness.Local, null, 25, 26, 1),
                Read(history, Freshness.Session, "notes:0@4", 45, 46, 3),
                Read(history, Freshness.Strong, null, 82, 83, 4),
                Read(history, Freshness.Strong, null, 300, 301, 4) with { Process = "reader-1.2", IsFinal = true },
            ],
            Feeds = [("reader-1.2", new FeedRead(302, "notes:0", 4, Digest(history, 1, 4)))],
        };
    }

    public static IReadOnlyList<LoggedFrame> Log { get; } =
    [
        new(0, 0, "barrier", "0", 0, IsAccepted: false, []),
        Frame(1, 1, "opened", 1, @base: 1, isAccepted: true),
        Frame(2, 1, "beaten", 1, @base: 1, isAccepted: false),
        Frame(3, 2, "decided", 2, @base: 3, isAccepted: true, decidedAt: 1),
        Frame(4, 4, "late", 1, @base: 4, isAccepted: true),
        Frame(5, 4, "late", 1, @base: 4, isAccepted: false),
    ];

    public static LoggedFrame Frame(long offset, long first, string label, int count, long @base, bool isAccepted, long? decidedAt = null) => new(
        0, offset, Stream, IdOf(label), @base, isAccepted,
        [.. Noted.Texts(label, count, decidedAt).Select((text, index) => new LoggedEvent(first + index, $"{IdOf(label)}-{index}", text))]);

    public static AppendCall Append(
        string label, string expectation, long began, long ended, Answer answer, long version = 0, string? position = null, int count = 1, bool decides = false) =>
        new("writer-1.1", new AppendWork(label, Stream, Ids.TryGetValue(label, out var id) ? id : null, expectation, count, decides), began)
        {
            Ended = ended,
            Answer = answer,
            Version = version,
            Position = position,
        };

    public static ReadCall Read(AppendHistory history, Freshness freshness, string? session, long began, long ended, long last, long from = 1) =>
        new("reader-1.1", new ReadBegun(began, 1, Stream, freshness, session, from), new ReadEnded(ended, 1, (int)(last - from + 1), last, Digest(history, from, last)), IsFinal: false);

    public static Handling Handled(long version, long offset, int index, string text, long began, long ended) =>
        new("member-1.1", new HandlingBegun(began, Stream, version, 0, offset, index, text), ended);

    private static ulong Digest(AppendHistory history, long from, long last)
    {
        var digest = new EventDigest();

        foreach (var frame in history.Log.Where(frame => frame.IsAccepted))
        {
            foreach (var one in frame.Events.Where(one => one.Version >= from && one.Version <= last))
            {
                digest.Add(Stream, one.Version, one.Id, one.Text, $"{Topic}:0@{frame.Offset + 1}");
            }
        }

        return digest.Value;
    }

    private static string IdOf(string label) => Ids.TryGetValue(label, out var id) ? new AppendId(id).ToString() : $"drawn-for-{label}";
}
