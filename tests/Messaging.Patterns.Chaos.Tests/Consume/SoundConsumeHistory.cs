using System.Diagnostics;
using Messaging.Patterns.Chaos.Consume;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Chaos.Tests.Consume;

/// <summary>
/// A short history of one partition in which everything is as it must be: six records of two keys, of which 2 is poison and 4 is skipped; a first rewind to 1, a
/// second one, to 1 as well, that a third, to 0, replaces before it is carried out. Times are seconds.
/// </summary>
internal static class SoundConsumeHistory
{
    public const long FirstRewind = 10;
    public const long ThirdRewind = 22;

    public static ConsumeHistory Make() => new()
    {
        Log = [.. Enumerable.Range(0, 6).Select(offset => new LoggedEvent(0, offset, Key(offset), offset, offset == 2, Time(offset)))],
        Published = [("publisher-1.1", new Published(At(3), "a", 0, "chaos:0@1")), ("publisher-1.1", new Published(At(4), "b", 1, "chaos:0@2"))],
        Handlings = [.. Handlings(0, 0, 10), .. Handlings(FirstRewind, 1, 100), .. Handlings(ThirdRewind, 0, 200)],
        Control =
        [
            Order(ControlRecord.Skip, 9, of: 4), Done(9, -1),
            Order(ControlRecord.Rewind, FirstRewind, value: 1), Done(FirstRewind, FirstRewind), Order(ControlRecord.Skip, 15, of: 4), Done(15, FirstRewind),
            Order(ControlRecord.Rewind, 20, value: 1), Order(ControlRecord.Rewind, ThirdRewind, value: 0), Done(ThirdRewind, ThirdRewind),
            Order(ControlRecord.Rewind, 30, value: 2) with { Group = ConsumeScenario.Projection }, Done(30, 30) with { Group = ConsumeScenario.Projection },
        ],
        DeadLetters = [new SetAside(0, 0, 2, 0), new SetAside(1, 0, 2, FirstRewind), new SetAside(2, 0, 2, ThirdRewind)],
        Commits = [Committed(50, 6, 1), Committed(99, 1, 1), Committed(150, 6, 2), Committed(300, 6, 3)],
        ProjectionCommits = [Committed(50, 6), Committed(61, 2), Committed(90, 6)],
        Projection = new Dictionary<int, IReadOnlyList<PositionLine>> { [0] = [.. Effects(0, 0, 10), Line(60, 30, 2, null), .. Effects(30, 2, 70)] },
        Plans = [("operator.1", new RewindPlanned(At(90), ConsumeScenario.Listeners, Time(1), [new PlannedRewind("chaos", 0, 6, 1, 6)]))],
    };

    public static string Key(long offset) => offset % 2 == 0 ? "a" : "b";

    public static long At(double seconds) => (long)(seconds * Stopwatch.Frequency);

    public static DateTimeOffset Time(int offset) => new(2026, 1, 1, 0, 0, offset, TimeSpan.Zero);

    public static Handling Handled(long offset, long epoch, double from, double? until, string process = "member-1.1") => new(
        process, new HandlingBegun(At(from), 0, offset, Key(offset), offset, epoch, IsReplay: epoch > 0, 1), until is { } end ? At(end) : long.MaxValue);

    public static Committed Committed(double at, long next, long setAside = 0) => new(At(at), new Dictionary<int, long> { [0] = next }) { SetAside = setAside };

    public static PositionLine Line(double at, long epoch, long next, long? number) => new(At(at), "member-1.1", epoch, next, number);

    public static ControlRecord Done(long epoch, long rewound) => new(epoch + 1, ControlRecord.Done, ConsumeScenario.Listeners, 0, epoch, rewound);

    public static ControlRecord Order(string kind, long epoch, long of = 0, long value = 0) => new(epoch, kind, ConsumeScenario.Listeners, 0, of, value);

    // 4 is skipped in the first two epochs, and 2 fails.
    private static IEnumerable<Handling> Handlings(long epoch, long first, double begin) => Enumerable.Range(0, 6)
        .Where(offset => offset >= first && (offset != 4 || epoch == ThirdRewind))
        .Select(offset => Handled(offset, epoch, begin + offset, offset == 2 ? null : begin + offset + 0.5));

    private static IEnumerable<PositionLine> Effects(long epoch, int first, double begin) =>
        Enumerable.Range(first, 6 - first).Select(offset => Line(begin + offset, epoch, offset + 1, offset));
}
