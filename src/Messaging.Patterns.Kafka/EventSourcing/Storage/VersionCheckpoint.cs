using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>The file in which a process that only writes keeps what it folded: versions and newest appends, no events.</summary>
/// <remarks>
/// Written whole into a second file that then takes the place of the first: a crash in between leaves the older checkpoint, from which the fold goes on.
/// Integers are little-endian; the last 16 bytes are the XxHash128 of all before. An unreadable file is as good as none, and set aside: the log is folded from
/// its begin.
/// </remarks>
internal sealed partial class VersionCheckpoint(string path, ILogger logger)
{
    private const long Magic = 0x3230_4C4F_4750_4D01;
    private const int HashSize = 16;
    private const int BufferSize = 1 << 16;

    private readonly Lazy<Dictionary<(string Topic, int Partition), PartitionCheckpoint>> _found = new(() => Load(path, logger));

    public PartitionCheckpoint? Find(string topic, int partition) => _found.Value.GetValueOrDefault((topic, partition));

    /// <summary>Writes the file; partitions that are not given keep what was found for them.</summary>
    public void Save(IReadOnlyDictionary<(string Topic, int Partition), PartitionCheckpoint> given)
    {
        var partitions = _found.Value.Where(found => !given.ContainsKey(found.Key)).Concat(given).ToList();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);

        // Never whole in memory: with a hundred million streams it has more than two gigabytes.
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.ReadWrite, FileShare.None, BufferSize))
        {
            using (var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true))
            {
                writer.Write(Magic);
                writer.Write(partitions.Count);

                foreach (var ((topic, partition), checkpoint) in partitions)
                {
                    writer.Write(topic);
                    writer.Write(partition);
                    Write(writer, checkpoint);
                }
            }

            file.Write(HashOf(file, file.Length));

            // Or a power cut could leave a file with the name of the checkpoint and nothing in it.
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    private static void Write(BinaryWriter writer, PartitionCheckpoint checkpoint)
    {
        Span<byte> last = stackalloc byte[FoldedFrameBytes.Size];
        writer.Write(checkpoint.Identity.Cluster);
        writer.Write(checkpoint.Identity.Topic);
        writer.Write(checkpoint.Next);
        writer.Write(checkpoint.Last is not null);

        if (checkpoint.Last is { } frame)
        {
            FoldedFrameBytes.Write(last, frame.Offset, frame.Header);
            writer.Write(last);
        }

        writer.Write(checkpoint.Versions.Count);

        foreach (var (stream, version) in checkpoint.Versions)
        {
            Write(writer, stream.Value);
            writer.Write(version);
        }

        writer.Write(checkpoint.CoveredFrom);
        writer.Write(checkpoint.Window.Count);

        foreach (var append in checkpoint.Window)
        {
            Write(writer, append.Stream.Value);
            writer.Write(append.Id.Value.ToByteArray());
            writer.Write(append.LastVersion);
            writer.Write(append.Offset);
        }
    }

    private static void Write(BinaryWriter writer, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
        writer.Write(bytes);
    }

    private static Dictionary<(string Topic, int Partition), PartitionCheckpoint> Load(string path, ILogger logger)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize);
            return Read(file);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Log.Unreadable(logger, exception, path);
            SetAside(path, logger);
            return [];
        }
    }

    private static void SetAside(string path, ILogger logger)
    {
        try
        {
            File.Move(path, path + ".unreadable", overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotSetAside(logger, exception, path);
        }
    }

    private static Dictionary<(string Topic, int Partition), PartitionCheckpoint> Read(FileStream file)
    {
        if (file.Length < 2 * HashSize || !HashOf(file, file.Length - HashSize).AsSpan().SequenceEqual(ReadHash(file)))
        {
            throw new InvalidDataException("its checksum does not fit");
        }

        file.Position = 0;
        using var reader = new BinaryReader(file);

        if (reader.ReadInt64() != Magic)
        {
            throw new InvalidDataException("it is of another version");
        }

        return Enumerable.Range(0, reader.ReadInt32()).ToDictionary(_ => (reader.ReadString(), reader.ReadInt32()), _ => ReadPartition(reader));
    }

    /// <summary>Returns the hash of the file's first bytes, and leaves it behind them.</summary>
    private static byte[] HashOf(FileStream file, long length)
    {
        var hash = new XxHash128();
        var buffer = new byte[BufferSize];
        file.Position = 0;

        for (var left = length; left > 0;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(left, BufferSize));
            file.ReadExactly(part);
            hash.Append(part);
            left -= part.Length;
        }

        return hash.GetCurrentHash();
    }

    private static byte[] ReadHash(FileStream file)
    {
        var hash = new byte[HashSize];
        file.ReadExactly(hash);
        return hash;
    }

    private static PartitionCheckpoint ReadPartition(BinaryReader reader)
    {
        var identity = new TopicIdentity(reader.ReadString(), reader.ReadString());
        var next = reader.ReadInt64();
        var last = reader.ReadBoolean() ? FoldedFrameBytes.Read(reader.ReadBytes(FoldedFrameBytes.Size)) : null;
        var versions = ReadVersions(reader);
        var coveredFrom = reader.ReadInt64();
        var window = ReadWindow(reader);
        return new PartitionCheckpoint(next, last, versions, window) { Identity = identity, CoveredFrom = coveredFrom };
    }

    private static List<KeyValuePair<StreamKey, long>> ReadVersions(BinaryReader reader)
    {
        Span<byte> one = stackalloc byte[24];
        var versions = new List<KeyValuePair<StreamKey, long>>(reader.ReadInt32());

        while (versions.Count < versions.Capacity)
        {
            reader.ReadExactly(one);
            versions.Add(new(ReadStream(one), BinaryPrimitives.ReadInt64LittleEndian(one[16..])));
        }

        return versions;
    }

    private static List<AcceptedAppend> ReadWindow(BinaryReader reader)
    {
        Span<byte> one = stackalloc byte[48];
        var window = new List<AcceptedAppend>(reader.ReadInt32());

        while (window.Count < window.Capacity)
        {
            reader.ReadExactly(one);
            var (version, offset) = (BinaryPrimitives.ReadInt64LittleEndian(one[32..]), BinaryPrimitives.ReadInt64LittleEndian(one[40..]));
            window.Add(new(ReadStream(one), new AppendId(new Guid(one[16..32])), version, offset));
        }

        return window;
    }

    private static StreamKey ReadStream(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes));

    private static partial class Log
    {
        [LoggerMessage(1341, LogLevel.Warning, "The checkpoint {Path} cannot be read; it is set aside under the name .unreadable, and the log is folded from its begin.")]
        public static partial void Unreadable(ILogger logger, Exception exception, string path);

        [LoggerMessage(1347, LogLevel.Warning, "The checkpoint {Path} could not be set aside; the next one takes its place.")]
        public static partial void NotSetAside(ILogger logger, Exception exception, string path);
    }
}
