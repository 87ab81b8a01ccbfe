using System.Text;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Tests.Connection;

/// <summary>The expected numbers are those of org.apache.kafka.common.utils.Utils in Kafka 4.3.1.</summary>
public sealed class Murmur2Tests
{
    [Theory]
    [InlineData("", 275646681, 9, 2)]
    [InlineData("a", -1563381124, 4, 5)]
    [InlineData("ab", 316155434, 2, 0)]
    [InlineData("abc", 479470107, 3, 4)]
    [InlineData("abcd", -1323649548, 8, 5)]
    [InlineData("abcde", 461995741, 1, 4)]
    [InlineData("21", -973932308, 0, 3)]
    [InlineData("foobar", -790332482, 6, 0)]
    [InlineData("a-little-bit-long-string", -985981536, 8, 1)]
    [InlineData("a-little-bit-longer-string", -1486304829, 11, 0)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, 5, 3)]
    [InlineData("account-42", 201584324, 8, 4)]
    [InlineData("order-7", 323129857, 1, 1)]
    [InlineData("account-ümlaut", -1595947042, 10, 5)]
    [InlineData("københavn-東京", 281117869, 1, 4)]
    [InlineData("account-\U0001F680", 802119022, 10, 5)]
    [InlineData("customer-00000000-0000-0000-0000-000000000001", -1545538223, 9, 4)]
    public void A_key_has_the_hash_and_the_partition_that_Java_gives_it(string key, int hash, int ofTwelve, int ofSeven)
    {
        var bytes = Encoding.UTF8.GetBytes(key);

        Assert.Equal(hash, Murmur2.Hash(bytes));
        Assert.Equal(ofTwelve, Murmur2.Partition(bytes, 12));
        Assert.Equal(ofSeven, Murmur2.Partition(bytes, 7));
    }

    [Theory]
    [InlineData(0, 275646681)]
    [InlineData(1, -311467685)]
    [InlineData(2, -442788720)]
    [InlineData(3, -616959190)]
    [InlineData(4, -1398556208)]
    [InlineData(5, -173560464)]
    [InlineData(6, 1702389579)]
    [InlineData(7, 71187198)]
    public void Bytes_that_Java_sees_as_negative_count_like_there(int length, int hash)
    {
        byte[] bytes = [0xFF, 0x80, 0x00, 0x01, 0xFE, 0x7F, 0x81];

        Assert.Equal(hash, Murmur2.Hash(bytes.AsSpan(0, length)));
    }
}
