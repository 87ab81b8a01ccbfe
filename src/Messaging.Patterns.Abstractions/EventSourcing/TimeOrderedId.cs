using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Messaging.Patterns.EventSourcing;

/// <summary>Draws UUIDs of version 7.</summary>
/// <remarks>
/// As <see cref="Guid.CreateVersion7(DateTimeOffset)"/>, but random bits are taken from the system for many ids at once: one call for each id cost a tenth of
/// what a whole publish costs.
/// </remarks>
internal static class TimeOrderedId
{
    private const int RandomBytes = 10;
    private const int IdsPerFill = 64;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _left;

    public static Guid Create(DateTimeOffset now)
    {
        var random = _random ??= new byte[RandomBytes * IdsPerFill];

        if (_left == 0)
        {
            RandomNumberGenerator.Fill(random);
            _left = IdsPerFill;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, now.ToUnixTimeMilliseconds() << 16);
        random.AsSpan(RandomBytes * --_left, RandomBytes).CopyTo(bytes[6..]);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
