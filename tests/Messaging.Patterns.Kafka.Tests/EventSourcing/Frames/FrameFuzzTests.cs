using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Serialization;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

/// <summary>Bytes of any kind: read as a frame, or refused with a reason. Nothing else ever leaves the reader.</summary>
public sealed class FrameFuzzTests
{
    private const int Rounds = 5_000;

    private static readonly byte[] Key = Bytes("account-42");

    private static readonly EventData Full = Charged with { Id = "größe", Metadata = new Dictionary<string, string> { ["tenant"] = "東京", ["region"] = "" } };

    [Theory]
    [InlineData(LogLayout.CloudEvents, 1)]
    [InlineData(LogLayout.CloudEvents, 2)]
    [InlineData(LogLayout.CloudEvents, 3)]
    [InlineData(LogLayout.Binary, 1)]
    [InlineData(LogLayout.Binary, 2)]
    [InlineData(LogLayout.Binary, 3)]
    public void Changed_bytes_are_a_frame_or_a_fault(LogLayout layout, int seed)
    {
        var random = new Random(seed);
        var frames = Frames(layout);
        var faults = 0;

        for (var round = 0; round < Rounds; round++)
        {
            var changed = Change(random, frames[random.Next(frames.Length)]);
            faults += IsFault(changed, round) ? 1 : 0;
        }

        Assert.InRange(faults, Rounds / 2, Rounds - 1);
    }

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void A_frame_that_is_cut_off_is_none(LogLayout layout) =>
        Assert.All(Frames(layout), frame => Assert.All(Enumerable.Range(0, frame.Length), size => Assert.True(IsFault(frame[..size], size))));

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void Every_byte_may_be_another(LogLayout layout)
    {
        // A fault in JSON is an exception inside, so every bit must do there.
        int[] changes = layout == LogLayout.Binary ? [.. Enumerable.Range(1, 255)] : [1, 2, 4, 8, 16, 32, 64, 128, 255];

        foreach (var frame in Frames(layout))
        {
            for (var at = 0; at < frame.Length; at++)
            {
                Array.ForEach(changes, change => IsFault(Changed(frame, at, change), at));
            }
        }
    }

    /// <summary>A forged length must not make a reader reserve what it says.</summary>
    [Fact]
    public void A_length_that_is_not_there_costs_no_memory()
    {
        var frame = Frames(LogLayout.Binary)[^1];

        for (var at = 0; at + 4 <= frame.Length; at++)
        {
            var changed = frame.ToArray();
            new byte[] { 0x7F, 0xFF, 0xFF, 0xFF }.CopyTo(changed, at);
            var before = GC.GetAllocatedBytesForCurrentThread();
            _ = IsFault(changed, at);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    private static byte[] Changed(byte[] frame, int at, int change)
    {
        var changed = frame.ToArray();
        changed[at] ^= (byte)change;
        return changed;
    }

    private static byte[][] Frames(LogLayout layout) =>
    [
        Prepare(layout, Opened).Build(1, 0),
        Prepare(layout, Opened, Charged).Build(9, 12),
        PrepareBarrier(layout).Build(0, 0),
        PrepareTraced(layout, Full, Opened).Build(70_000, 80_000),
    ];

    private static bool IsFault(byte[] value, int round)
    {
        try
        {
            if (FrameReader.Read(Key, value, out var header) is { } fault)
            {
                Assert.NotEmpty(fault.Reason);
                return true;
            }

            Assert.True(header.FirstVersion >= 0 && header.Base >= 0 && header.Partitions > 0 && !header.AppendId.IsEmpty && header.Count >= 0);
            ReadEvents(value, header);
            return false;
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.IAssertionException)
        {
            Assert.Fail($"Round {round}: {exception} at {Text(value)}");
            throw;
        }
    }

    private static void ReadEvents(byte[] value, in FrameHeader header)
    {
        try
        {
            Assert.Equal(header.Count, header.IsBarrier ? 0 : FrameSamples.ReadEvents(value, header.LastVersion).Count);
        }
        catch (EventSerializationException) when (!BinaryFrameFormat.IsMarked(value))
        {
            // A frame in layout cloudevents may hold what is no CloudEvent by the rules of CloudEvents. In layout binary, whatever was folded can be read.
        }
    }

    private static byte[] Change(Random random, byte[] frame)
    {
        var bytes = frame.ToList();

        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);

            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(at + 1), 1));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes[at] = (byte)"{}[]\",:0129eut\\ "[random.Next(16)];
                    break;
            }
        }

        return [.. bytes];
    }
}
