using System.Collections.Concurrent;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.TestServers;
using Polly;
using Polly.Retry;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Retries in place: the handler is called again before anything else of its key.</summary>
public sealed class RetryTests(OneNodeKafka kafka)
{
    private readonly string _group = KafkaTopics.UniqueName("group");
    private readonly ConcurrentQueue<(int Number, int Attempt)> _calls = new();
    private readonly Handled _handled = new();

    [Fact]
    public async Task A_handler_that_fails_for_a_while_is_called_again_in_place_and_sees_each_attempt()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2, 3);
        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .OnFailure(failure => failure.Retry(pipeline => pipeline.AddRetry(Retries(3))))
            .Handle<Counted>((counted, context, token) =>
            {
                _calls.Enqueue((counted.Number, context.Attempt));
                return counted.Number == 2 && context.Attempt < 3 ? throw new InvalidOperationException("not yet") : _handled.HandleAsync(counted, context, token);
            })))
        {
            await _handled.UntilCountAsync(3);
        }

        Assert.Equal([(1, 1), (2, 1), (2, 2), (2, 3), (3, 1)], _calls);
        Assert.Equal([3], await topic.CommittedAsync(_group));
    }

    [Fact]
    public async Task A_batch_is_handed_over_again_as_a_whole()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await topic.PublishAsync(0, 1, 2);
        await using (await GroupInstance.StartAsync(topic.Servers, _group, group => group
            .From(topic.Name)
            .Configure(options => options.BatchSize = 2)
            .OnFailure(failure => failure.Retry(pipeline => pipeline.AddRetry(Retries(1))))
            .HandleBatch<Counted>(async (events, token) =>
            {
                foreach (var (counted, context) in events)
                {
                    _calls.Enqueue((counted.Number, context.Attempt));
                }

                if (events[0].Context.Attempt == 1)
                {
                    throw new InvalidOperationException("not yet");
                }

                foreach (var (counted, context) in events)
                {
                    await _handled.HandleAsync(counted, context, token);
                }
            })))
        {
            await _handled.UntilCountAsync(2);
        }

        Assert.Equal([(1, 1), (2, 1), (1, 2), (2, 2)], _calls);
        Assert.Equal([2], await topic.CommittedAsync(_group));
    }

    private static RetryStrategyOptions Retries(int count) => new() { MaxRetryAttempts = count, Delay = TimeSpan.Zero };
}
