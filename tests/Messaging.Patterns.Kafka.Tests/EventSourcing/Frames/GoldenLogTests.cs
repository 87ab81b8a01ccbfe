using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

/// <summary>Invariant 10: every version folds a log that was recorded once to the same streams, whatever the layouts in it, and reads the same events.</summary>
public sealed class GoldenLogTests
{
    private const int Partitions = 1;

    public static TheoryData<string> Names => [.. GoldenLog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Invariant_10_a_recorded_log_is_folded_as_ever(string name)
    {
        var records = GoldenLog.Records(name);
        var fold = new PartitionFold(Partitions);

        var accepted = records.Index().Where(record => fold.Fold(record.Index, HeaderOf(record.Item)) == Verdict.Accepted).ToList();

        Assert.Equal(GoldenLog.Folded(name), accepted.SelectMany(record => Describe(record.Index, record.Item)));
        Assert.Equal(records.Count, fold.Position);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Readers_that_start_anywhere_in_it_accept_the_same(string name)
    {
        var records = GoldenLog.Records(name);

        for (var start = 0; start <= records.Count; start++)
        {
            var filter = new LoserFilter(start);
            var accepted = records.Index().Skip(start).Where(record => Judge(filter, record.Index, records) == FilterVerdict.Accepted);
            var expected = GoldenLog.Folded(name).Where(line => int.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) >= start);

            Assert.Equal(expected, accepted.SelectMany(record => Describe(record.Index, record.Item)));
        }
    }

    /// <summary>So that the recorded logs hold what they are to prove.</summary>
    [Fact]
    public void The_recorded_logs_have_losers_barriers_and_both_layouts()
    {
        var records = GoldenLog.Names.SelectMany(GoldenLog.Records).ToList();
        var binary = records.Count(record => BinaryFrameFormat.IsMarked(record.Value));

        Assert.InRange(binary, 5, records.Count - 5);
        Assert.Equal(3, records.Count(record => HeaderOf(record).IsBarrier));
        Assert.InRange(records.Where(record => !HeaderOf(record).IsBarrier).Select(record => HeaderOf(record).Stream).Distinct().Count(), 3, int.MaxValue);
        Assert.InRange(records.Count - 3 - GoldenLog.Names.Sum(name => GoldenLog.Folded(name).Select(line => line.Split(' ')[0]).Distinct().Count()), 5, records.Count);
    }

    private static FrameHeader HeaderOf((byte[] Key, byte[] Value) record) =>
        FrameReader.Read(record.Key, record.Value, out var header) is { } fault ? throw new InvalidOperationException(fault.Reason) : header;

    private static FilterVerdict Judge(LoserFilter filter, int offset, IReadOnlyList<(byte[] Key, byte[] Value)> records) =>
        filter.Judge(offset, HeaderOf(records[offset])) is var verdict && verdict != FilterVerdict.NeedsScan ? verdict
            : filter.Scan is { } scan ? filter.Scanned(records.Take((int)scan.To).Skip((int)scan.From).Any(record => scan.IsFoundIn(HeaderOf(record))))
            : throw new InvalidOperationException("The filter needs a look back and does not say where.");

    private static IEnumerable<string> Describe(int offset, (byte[] Key, byte[] Value) record)
    {
        var stream = StreamId.Parse(FrameSamples.Text(record.Key));
        var events = new List<RecordedEvent>();
        new FrameEvents(FrameSamples.Codec).Read(
            new(stream, Position.At("golden:0", offset + 1), new(stream.ToString(), offset, HeaderOf(record).LastVersion, record.Value), IsRaw: true), events);

        return events.Select(one => (RawEvent)one.Payload is var raw
            ? GoldenLog.Describe(offset, stream.ToString(), one.Version, one.Id, one.Type, one.Time, raw.ContentType, raw.Data.Span, one.Metadata)
            : "");
    }
}
