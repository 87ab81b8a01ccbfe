using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>A consumer that puts what it reads into SQLite as it comes, 10,000 rows in a transaction: nothing is parsed, folded or checked.</summary>
internal static class RawIngest
{
    private const int Batch = 10_000;

    public static void Run(BenchmarkRun run, string topic, string path)
    {
        using var database = SqliteSchema.OpenForWriting(path, NullLogger.Instance);
        var insert = database.Prepare("INSERT INTO frames (partition, offset, stream, version, count, append, frame) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)");
        using var consumer = CreateConsumer(run);
        consumer.Assign(Enumerable.Range(0, RawTopic.Partitions).Select(number => new TopicPartitionOffset(topic, number, Offset.Beginning)));
        var streams = new Dictionary<string, long>();
        var versions = new Dictionary<long, long>();
        var (ended, rows) = (0, 0);
        database.Execute("BEGIN");

        while (ended < RawTopic.Partitions)
        {
            var result = consumer.Consume();

            if (result.IsPartitionEOF)
            {
                ended++;
                continue;
            }

            var name = Encoding.UTF8.GetString(result.Message.Key);

            if (!streams.TryGetValue(name, out var stream))
            {
                streams[name] = stream = streams.Count;
            }

            var version = versions[stream] = versions.GetValueOrDefault(stream) + 1;
            insert.Bind(1, result.Partition.Value).Bind(2, result.Offset.Value).Bind(3, stream).Bind(4, version).Bind(5, new byte[16]).Bind(6, result.Message.Value).Run();

            if (++rows % Batch == 0)
            {
                database.Execute("COMMIT; BEGIN");
            }
        }

        database.Execute("COMMIT");
        consumer.Close();
    }

    private static IConsumer<byte[], byte[]> CreateConsumer(BenchmarkRun run) => new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
    {
        BootstrapServers = run.BootstrapServers,
        GroupId = "baseline",
        EnableAutoCommit = false,
        EnablePartitionEof = true,
        FetchQueueBackoffMs = 5,
        ConsumeResultFields = "none",
    }).Build();
}
