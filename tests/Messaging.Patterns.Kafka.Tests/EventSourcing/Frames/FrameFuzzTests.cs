using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

/// <summary>Bytes of any kind: read as a frame, or refused with a reason. Nothing else ever leaves the reader.</summary>
public sealed class FrameFuzzTests
{
    private const int Rounds = 5_000;

    private static readonly byte[] Key = Bytes("account-42");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Changed_bytes_are_a_frame_or_a_fault(int seed)
    {
        var random = new Random(seed);
        byte[][] frames = [Prepare(Opened).Build(1, 0), Prepare(Opened, Charged).Build(9, 12), PrepareBarrier().Build(0, 0)];
        var faults = 0;

        for (var round = 0; round < Rounds; round++)
        {
            var changed = Change(random, frames[random.Next(frames.Length)]);
            faults += IsFault(changed, round) ? 1 : 0;
        }

        Assert.InRange(faults, Rounds / 2, Rounds - 1);
    }

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
            ReadEvents(value);
            return false;
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.IAssertionException)
        {
            Assert.Fail($"Round {round}: {exception} at {Text(value)}");
            throw;
        }
    }

    // A frame may hold a CloudEvent that is none by the rules of CloudEvents, which the reader of events then says.
    private static void ReadEvents(byte[] value)
    {
        try
        {
            _ = new FrameEvents(Codec).Read(Account, Position.Start, new("account-42", 0, 1, value), isRaw: true).ToList();
        }
        catch (CloudEventFormatException)
        {
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
