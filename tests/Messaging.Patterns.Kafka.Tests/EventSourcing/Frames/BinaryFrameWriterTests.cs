using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Serialization;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

public sealed class BinaryFrameWriterTests
{
    [Fact]
    public void The_same_version_and_base_give_the_same_bytes()
    {
        var frame = Prepare(LogLayout.Binary, Opened, Charged);

        Assert.Equal(frame.Build(3, 7), frame.Build(3, 7));
        Assert.Equal(frame.Build(3, 7), frame.Build(3, 7, out var owner).ToArray());
        Assert.NotNull(owner);
        Assert.Equal((2, frame.Build(3, 7).Length), (frame.Count, frame.Size));
    }

    [Fact]
    public void A_frame_that_is_not_needed_any_more_leaves_its_array_to_another_and_what_was_given_out_as_it_was()
    {
        var frame = Prepare(LogLayout.Binary, Opened);
        var given = frame.Build(1, 0);

        frame.Release();
        Prepare(LogLayout.Binary, Charged).Build(2, 1);

        Assert.Equal(ExpectedSingle, given);
    }

    [Fact]
    public void What_was_given_out_does_not_change_when_another_version_is_chosen()
    {
        var frame = Prepare(LogLayout.Binary, Opened);
        var first = frame.Build(3, 7);
        var copy = first.ToArray();

        var second = frame.Build(4, 9);

        Assert.Equal(copy, first);
        Assert.Equal(Prepare(LogLayout.Binary, Opened).Build(4, 9), second);
        Assert.Equal(first, frame.Build(3, 7));
    }

    [Fact]
    public void Threads_that_build_different_versions_at_once_each_get_their_own()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var frame = Prepare(LogLayout.Binary, Opened);

            Parallel.For(1, 5, version =>
            {
                Assert.Null(FrameReader.Read(Bytes("account-42"), frame.Build(version, version - 1), out var header));
                Assert.Equal((version, version - 1), (header.FirstVersion, header.Base));
            });
        }
    }

    [Fact]
    public void An_append_that_cannot_be_written_leaves_nothing_behind()
    {
        Assert.Throws<UnknownEventTypeException>(() => Prepare(LogLayout.Binary, Opened, new EventData(new object())));

        Assert.Equal(ExpectedSingle, Prepare(LogLayout.Binary, Opened).Build(1, 0));
    }

    [Fact]
    public void Large_and_small_appends_follow_each_other()
    {
        var large = new byte[3 << 20];
        new Random(1).NextBytes(large);

        var frame = Prepare(LogLayout.Binary, new EventData(new RawEvent("large", large, "application/octet-stream")), Opened).Build(1, 0);

        Assert.Null(FrameReader.Read(Bytes("account-42"), frame, out _));
        Assert.Equal(large, ((RawEvent)ReadEvents(frame, 2)[0].Payload).Data);
        Assert.Equal(ExpectedSingle, Prepare(LogLayout.Binary, Opened).Build(1, 0));
    }

    [Fact]
    public void A_serializer_of_another_format_finds_its_bytes_raw()
    {
        var codec = new EventCodec(new EventTypeOptions { Types = { typeof(AccountOpened) } }, new Reversed());
        var frame = new BinaryFrameWriter(codec, TimeProvider.System).Prepare(Account, Id, Partitions, [Opened]).Build(1, 0);

        Assert.EndsWith("adA", Text(frame), StringComparison.Ordinal);
        Assert.Equal(new AccountOpened("Ada"), Assert.Single(ReadEvents(frame, isRaw: false, codec: codec)).Payload);
    }

    [Fact]
    public async Task Many_threads_write_at_the_same_time()
    {
        var frames = Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 200).All(_ => Prepare(LogLayout.Binary, Opened).Build(1, 0).SequenceEqual(ExpectedSingle)), TestContext.Current.CancellationToken));

        Assert.All(await Task.WhenAll(frames), Assert.True);
    }

    private static byte[] ExpectedSingle { get; } = Convert.FromHexString(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EventSourcing", "Frames", "Golden", "single.hex")).ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal));

    private sealed class Reversed : IEventSerializer
    {
        public string ContentType => "text/reversed";

        public void Serialize(object payload, System.Buffers.IBufferWriter<byte> output) => System.Buffers.BuffersExtensions.Write(output, Turn(Bytes(((AccountOpened)payload).Owner)));

        public object Deserialize(ReadOnlyMemory<byte> data, Type type) => new AccountOpened(Text(Turn(data.ToArray())));

        private static byte[] Turn(byte[] bytes)
        {
            Array.Reverse(bytes);
            return bytes;
        }
    }
}
