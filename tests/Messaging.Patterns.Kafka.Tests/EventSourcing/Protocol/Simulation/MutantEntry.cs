using System.Globalization;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>What is asked of the simulator in an assembly that was compiled from broken sources: so in types that both sides know.</summary>
public static class MutantEntry
{
    /// <summary>Returns the first seed whose history violates an invariant, and how; <see langword="null"/> if there is none.</summary>
    public static string? FindViolation(string invariant, long seeds)
    {
        for (var seed = 0L; seed < seeds; seed++)
        {
            if (PartitionSimulation.Run(seed, isMutant: true).Violations.Find(violation => violation.Invariant.ToString() == invariant) is { } found)
            {
                return FormattableString.Invariant($"seed {seed}: {found.Text}");
            }
        }

        return null;
    }

    /// <summary>Returns how many appends of a far writer are accepted on a stream that a near one keeps busy for three seconds.</summary>
    public static int CountFarAppends()
    {
        var hot = new HotStream(seed: 1);
        hot.Add(way: 100);
        var far = hot.Add(way: 10_000);
        hot.Run(TimeSpan.FromSeconds(3));
        return far.Accepted;
    }

    /// <summary>Returns the offsets of a log's frames that the fold accepts; a frame is given as what <see cref="Describe"/> says of it.</summary>
    public static long[] Fold(string[] frames)
    {
        var fold = new PartitionFold(partitions: 1);
        return [.. frames.Index().Where(frame => fold.Fold(frame.Index, Parse(frame.Item)) == Verdict.Accepted).Select(frame => (long)frame.Index)];
    }

    internal static string Describe(in FrameHeader frame) => string.Create(
        CultureInfo.InvariantCulture, $"{frame.Stream.Value} {frame.AppendId.Value} {frame.FirstVersion} {frame.Count} {frame.Base} {frame.Partitions}");

    private static FrameHeader Parse(string text)
    {
        var parts = text.Split(' ');
        var numbers = parts[2..].Select(part => long.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new FrameHeader(
            new StreamKey(UInt128.Parse(parts[0], CultureInfo.InvariantCulture)),
            new AppendId(Guid.Parse(parts[1])),
            numbers[0],
            (int)numbers[1],
            numbers[2],
            (int)numbers[3]);
    }
}
