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
}
