using System.Buffers;
using System.Text;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Divides keys into 1,024 buckets: few enough that a transaction can lock all of them, many enough that keys seldom wait for each other.</summary>
public static class KeyBucket
{
    /// <summary>The number of buckets.</summary>
    public const int Count = 1024;

    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    /// <summary>Returns the bucket of a key, 0 to 1023: FNV-1a (32 bits) of its UTF-8 bytes, folded to 10 bits. The same for ever, since rows of different versions of a service must agree.</summary>
    /// <param name="key">The key.</param>
    public static int Of(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(key.Length));
        var hash = FnvOffset;

        foreach (var one in bytes.AsSpan(0, Encoding.UTF8.GetBytes(key, bytes)))
        {
            hash = (hash ^ one) * FnvPrime;
        }

        ArrayPool<byte>.Shared.Return(bytes);
        return (int)((hash ^ (hash >> 10) ^ (hash >> 20)) % Count);
    }
}
