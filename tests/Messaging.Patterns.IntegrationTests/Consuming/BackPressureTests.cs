using Messaging.Patterns.Consuming;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Slow handlers: partitions do not wait for each other, and what is held in memory is bounded.</summary>
public sealed class BackPressureTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly Handled _handled = new();

    [Fact]
    public async Task A_partition_whose_handler_hangs_does_not_hold_up_the_others_and_nothing_of_it_is_lost()
    {
        const int Count = 500;
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 3);
        var gate = new Gate();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(partition => topic.PublishAsync(partition, Enumerable.Range(0, Count))));
        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Configure(options => options.MaxBufferedRecords = 30)
            .Handle<Counted>(async (counted, context, token) =>
            {
                if (context.Partition == 0 && counted.Number == 0)
                {
                    await gate.PassAsync(token);
                }

                await _handled.HandleAsync(counted, context, token);
            })))
        {
            await gate.Reached;
            await _handled.UntilCountAsync(2 * Count);
            Assert.DoesNotContain(_handled.All, one => one.Context.Partition == 0);

            gate.Open();
            await _handled.UntilCountAsync(3 * Count);
        }

        Assert.All(_handled.All.GroupBy(one => one.Context.Partition), partition => Assert.Equal(Enumerable.Range(0, Count), partition.Select(one => one.Number)));
        Assert.Equal([Count, Count, Count], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task Large_records_are_bounded_by_their_bytes_and_a_group_that_is_full_stays_in_its_group()
    {
        const int Records = 120;
        const int Size = 500_000;
        const int Limit = 8_000_000;
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        using var metrics = new MetricsProbe(_group);
        var gate = new Gate();

        foreach (var number in Enumerable.Range(0, Records))
        {
            await topic.WriteAsync(number % 2, $"key-{number}", new byte[Size]);
        }

        await using var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Configure(options => (options.MaxBufferedBytes, options.MaxConcurrency) = (Limit, 4))
            .Handle<RawRecord>(async (record, context, token) =>
            {
                await gate.PassAsync(token);
                Assert.Equal(Size, record.Value!.Value.Length);
                await _handled.HandleAsync(new Counted((int)context.Offset), context, token);
            }));
        await gate.Reached;

        // Both partitions are paused: nothing more is held.
        await instance.UntilLoggedAsync(1438, count: 2);
        var held = metrics.Read("messaging.patterns.consumer.buffered_bytes");
        Assert.InRange(held, Limit / 2, Limit + (4 * Size));
        gate.Open();
        await _handled.UntilCountAsync(Records);

        await instance.StopAsync();
        Assert.Equal([Records / 2, Records / 2], await topic.CommittedAsync(_group));
        Assert.DoesNotContain(instance.Log.Entries, entry => entry.Id is 1432);
        Assert.Equal(2, instance.Log.Entries.Count(entry => entry.Id == 1430));
    }

    [Fact]
    public async Task A_key_that_hangs_lets_only_so_many_records_of_its_partition_pass()
    {
        const int Count = 500;
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var gate = new Gate();
        await topic.PublishAsync(0, "hangs", 0);
        await topic.PublishAsync(0, "passes", Enumerable.Range(1, Count));
        await using (var instance = await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Configure(options => options.MaxUncommittedRecords = 50)
            .Handle<Counted>(async (counted, context, token) =>
            {
                if (counted.Number == 0)
                {
                    await gate.PassAsync(token);
                }

                await _handled.HandleAsync(counted, context, token);
            })))
        {
            await instance.UntilLoggedAsync(1438);
            Assert.InRange(_handled.All.Count, 0, 51);

            gate.Open();
            await _handled.UntilCountAsync(Count + 1);
        }

        Assert.Equal([Count + 1], await topic.CommittedAsync(_group));
    }
}
