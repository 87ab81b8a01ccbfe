using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Memory;

/// <summary>Keeps accepted frames in memory, for tests and small logs; every start folds the whole log again.</summary>
internal sealed class MemoryStreamStore : IStreamStore
{
    public IPartitionStore OpenPartition(string topic, int partition) => new MemoryPartition();

    // Nothing is ever added: everything is kept in memory anyway.
    public StoreBacklog Backlog { get; } = new();

    public IReadOnlyList<StoredFrame> ReadStream(IPartitionStore partition, StreamId stream, long fromVersion, int limit) =>
        ((MemoryPartition)partition).ReadStream(stream.ToString(), fromVersion, limit);

    public IReadOnlyList<StoredFrame> ReadPartition(IPartitionStore partition, long fromOffset, int limit) =>
        ((MemoryPartition)partition).ReadPartition(fromOffset, limit);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class MemoryPartition : IPartitionStore
    {
        private static readonly Comparer<StoredFrame> ByOffset = Comparer<StoredFrame>.Create((x, y) => x.Offset.CompareTo(y.Offset));
        private static readonly Comparer<StoredFrame> ByVersion = Comparer<StoredFrame>.Create((x, y) => x.LastVersion.CompareTo(y.LastVersion));

        private readonly Lock _gate = new();
        private readonly List<StoredFrame> _frames = [];
        private readonly Dictionary<string, List<StoredFrame>> _streams = new(StringComparer.Ordinal);

        public Action<long>? Committed { get; set; }

        public Action<MessagingException>? Failed { get; set; }

        public PartitionCheckpoint? Restore() => null;

        public void Adopt(TopicIdentity identity)
        {
            // Nothing outlives the process, which watches the topic itself.
        }

        public void Append(in FoldedRecord record)
        {
            if (record.IsAccepted)
            {
                Add(new(Encoding.UTF8.GetString(record.Key), record.Offset, record.Frame!.Value.LastVersion, [.. record.Value]));
                record.Release();
            }

            Committed?.Invoke(record.Offset + 1);
        }

        public List<StoredFrame> ReadStream(string stream, long fromVersion, int limit)
        {
            lock (_gate)
            {
                return _streams.TryGetValue(stream, out var frames) ? From(frames, new(stream, 0, fromVersion, []), ByVersion, limit) : [];
            }
        }

        public List<StoredFrame> ReadPartition(long fromOffset, int limit)
        {
            lock (_gate)
            {
                return From(_frames, new("", fromOffset, 0, []), ByOffset, limit);
            }
        }

        private static List<StoredFrame> From(List<StoredFrame> frames, StoredFrame first, Comparer<StoredFrame> order, int limit)
        {
            var index = frames.BinarySearch(first, order);
            index = index < 0 ? ~index : index;
            return frames.GetRange(index, Math.Min(limit, frames.Count - index));
        }

        private void Add(StoredFrame frame)
        {
            lock (_gate)
            {
                _frames.Add(frame);

                if (!_streams.TryGetValue(frame.Stream, out var stream))
                {
                    _streams.Add(frame.Stream, stream = []);
                }

                stream.Add(frame);
            }
        }
    }
}
