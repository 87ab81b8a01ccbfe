using System.Diagnostics;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>Keeps a broker busy for a while: its virtual machine needs millions of records until it has compiled what matters, and would else favour the side that comes later.</summary>
internal static class WarmUp
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(12);

    public static async Task RunAsync(BenchmarkRun run)
    {
        var topic = await KafkaTopics.CreateAsync(run.BootstrapServers, "warm-up", 12, new() { ["retention.bytes"] = "10000000" });
        using var producer = RawProducer.Create(run);
        var record = new Message<byte[], byte[]> { Key = new byte[16], Value = new byte[400] };
        var started = Stopwatch.StartNew();
        var sent = 0;

        while (started.Elapsed < Duration)
        {
            try
            {
                producer.Produce(new TopicPartition(topic, sent % 12), record);
                sent++;
            }
            catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(1);
            }
        }

        producer.Flush(CancellationToken.None);
        await SettleAsync();
        Console.WriteLine($"broker warmed up with {sent:N0} records");
    }

    // What the broker has written lies in the page cache, a gigabyte and more. On its way to the disk it holds up every commit of a database for tenths of a second.
    private static async Task SettleAsync()
    {
        using var sync = Process.Start("sync");
        await sync.WaitForExitAsync();
    }
}
