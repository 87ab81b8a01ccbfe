using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>How long a group that runs takes from the order to the first replayed event of every partition. There is nothing to compare it with: without the library a group must be stopped.</summary>
internal sealed class RewindBenchmark : IBenchmark
{
    private const int Records = 100_000;
    private const int Rounds = 20;

    public string Name => "rewind";

    public string Summary => "from the order to rewind a group that runs, to the first replayed event on all partitions";

    public async Task RunAsync(BenchmarkRun run)
    {
        var topic = await FilledTopic.CreateAsync(
            run, Enumerable.Range(0, Records).Select(number => new Message<byte[], byte[]> { Key = Encoding.ASCII.GetBytes($"customer-{number}"), Value = new byte[200] }));
        var (group, latencies, replayed) = (KafkaTopics.UniqueName("bench"), new Latencies(), new Replayed());
        using var host = await StoreHost.StartAsync(run, kafka => kafka
            .AddConsumerGroupControl(options => options.Topic = KafkaTopics.UniqueName("control"))
            .AddConsumerGroup(group, one => one.From(topic).Handle<RawRecord>((_, context, _) => replayed.AddAsync(context))));
        var control = host.Services.GetRequiredService<IConsumerGroupControl>();

        for (var round = 0; round <= Rounds; round++)
        {
            var plan = await control.PlanRewindAsync(new GroupScope(group), RewindTarget.Beginning);
            var (started, all) = (Stopwatch.GetTimestamp(), replayed.WaitForAll());
            await control.RewindAsync(plan);
            await all;

            // The first round also waits for the group to come up.
            if (round > 0)
            {
                latencies.AddSince(started);
            }
        }

        await host.StopAsync();
        run.Figure("rewind/p50-ms", latencies.P50 / 1000, "ms");
        run.Figure("rewind/p99-ms", latencies.P99 / 1000, "ms");
    }

    private sealed class Replayed
    {
        private readonly Lock _gate = new();
        private readonly long[] _epochs = new long[RawTopic.Partitions];
        private readonly HashSet<int> _missing = [];
        private TaskCompletionSource _all = new();

        /// <summary>Returns what ends when every partition has handled an event of an epoch that it did not have before.</summary>
        public Task WaitForAll()
        {
            lock (_gate)
            {
                _missing.UnionWith(Enumerable.Range(0, RawTopic.Partitions));
                _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return _all.Task;
            }
        }

        public ValueTask AddAsync(EventContext context)
        {
            if (context.Epoch > Volatile.Read(ref _epochs[context.Partition]))
            {
                Changed(context);
            }

            return ValueTask.CompletedTask;
        }

        private void Changed(EventContext context)
        {
            lock (_gate)
            {
                _epochs[context.Partition] = Math.Max(_epochs[context.Partition], context.Epoch);

                if (_missing.Remove(context.Partition) && _missing.Count == 0)
                {
                    _all.TrySetResult();
                }
            }
        }
    }
}
