using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing.Transactions;

/// <summary>Reads the notes that were committed with transactions: a compacted topic for each prefix, with a partition for each number.</summary>
internal sealed class TransactionNotes(KafkaClients clients) : IDisposable
{
    /// <summary>The size of a file of their topic: what is written to is not compacted, so little is kept beside the last note.</summary>
    public const string SegmentBytes = "4194304";

    private const int FirstLook = 64;
    private const int LongerLook = 16;
    private const int FetchWait = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private IConsumer<byte[], byte[]>? _consumer;

    public static string TopicOf(TransactionalId id) => $"{id.Prefix}-transactions";

    /// <summary>Returns where notes of an id are.</summary>
    public static TopicPartition PlaceOf(TransactionalId id) => new(TopicOf(id), id.Number);

    /// <summary>Returns the key of the notes of an id.</summary>
    public static byte[] KeyOf(TransactionalId id) => Encoding.UTF8.GetBytes($"{id}");

    /// <summary>Returns the key of the mark by which a producer finds what was committed before it.</summary>
    public static byte[] MarkKeyOf(TransactionalId id) => Encoding.UTF8.GetBytes($"{id}/opened");

    /// <summary>Returns the last note that was committed before a mark, or <see langword="null"/> if there is none.</summary>
    /// <remarks>It reads up to the mark, whatever a broker says where the partition ends: one that was deposed and does not know yet would hide the last note.</remarks>
    /// <exception cref="KafkaUnavailableException">The mark cannot be read in time.</exception>
    public byte[]? ReadLast(TransactionalId id, long mark, CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();

        lock (_gate)
        {
            _consumer ??= clients.CreateConsumer(Configure);

            try
            {
                for (long look = FirstLook; ; look *= LongerLook)
                {
                    var from = Math.Max(0, mark - look);
                    _consumer.Assign(new TopicPartitionOffset(PlaceOf(id), from));

                    var note = ReadUpTo(mark, KeyOf(id), started, cancellationToken);

                    if (note is not null || from == 0)
                    {
                        return note;
                    }
                }
            }
            finally
            {
                _consumer.Unassign();
            }
        }
    }

    public void Dispose() => _consumer?.Dispose();

    private byte[]? ReadUpTo(long mark, byte[] key, Stopwatch started, CancellationToken cancellationToken)
    {
        byte[]? note = null;

        while (started.Elapsed < Limit)
        {
            cancellationToken.ThrowIfCancellationRequested();

            if (Next() is not { } result)
            {
                continue;
            }

            if (result.Offset.Value >= mark)
            {
                return note;
            }

            note = result.Message.Key.AsSpan().SequenceEqual(key) ? result.Message.Value : note;
        }

        throw clients.Unavailable($"read the notes of transactions up to offset {mark}", null);
    }

    private ConsumeResult<byte[], byte[]>? Next()
    {
        try
        {
            return _consumer!.Consume(Slice);
        }
        catch (ConsumeException)
        {
            // The client logs it, and goes on by itself.
            return null;
        }
    }

    private static void Configure(ConsumerConfig config)
    {
        config.GroupId = "transaction-notes";
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.FetchWaitMaxMs = FetchWait;
        config.ConsumeResultFields = "none";
    }
}
