using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing;

public sealed class StreamKeysTests
{
    /// <summary>Checkpoints hold these numbers: they never change.</summary>
    [Theory]
    [InlineData("account-42", "7cfcc7e0003a9852524115b98f010af6")]
    [InlineData("größe-東京", "1f688d147e588ac033e30ff8972b8c70")]
    public void A_stream_always_has_the_same_key(string stream, string key)
    {
        Assert.Equal(key, StreamKeys.Of(StreamId.Parse(stream), out var name).ToString());
        Assert.Equal(stream, Encoding.UTF8.GetString(name));
        Assert.Equal(StreamKeys.Of(name), StreamKeys.Of(StreamId.Parse(stream), out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_key_is_taken_if_and_only_if_it_is_a_stream_id(int seed)
    {
        var random = new Random(seed);
        var taken = 0;

        for (var round = 0; round < 5_000; round++)
        {
            var key = Draw(random);
            var expected = StreamId.TryParse(Encoding.UTF8.GetString(key), out var stream) && Encoding.UTF8.GetBytes(stream.ToString()).AsSpan().SequenceEqual(key);

            Assert.True(expected == StreamKeys.IsStreamId(key), $"Round {round}: {Convert.ToHexString(key)}");
            taken += expected ? 1 : 0;
        }

        Assert.InRange(taken, 500, 4_500);
    }

    // Mostly letters and hyphens, now and then a byte of any kind; now and then longer than a stream id may be.
    private static byte[] Draw(Random random)
    {
        var key = new byte[random.Next(20) == 0 ? random.Next(505, 520) : random.Next(1, 12)];

        for (var i = 0; i < key.Length; i++)
        {
            key[i] = random.Next(200) == 0 ? (byte)random.Next(256) : (byte)"abc-"u8[random.Next(4)];
        }

        return key;
    }
}
