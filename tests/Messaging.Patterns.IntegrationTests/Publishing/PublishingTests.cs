using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Publishing;

/// <summary>Publishing to a real broker that is slow, away or strict.</summary>
public sealed class PublishingTests(OwnKafka kafka) : IClassFixture<OwnKafka>
{
    [Fact]
    public async Task A_full_local_queue_waits_loses_nothing_and_keeps_the_order_of_each_key()
    {
        const int Count = 3_000;
        var setup = await SetupAsync(options => options.Producer["queue.buffering.max.messages"] = "20");
        await using var instance = await StoreInstance.StartAsync(setup);

        var published = Enumerable.Range(0, Count).Select(number => PublishAsync(instance, $"{number % 10}:{number}")).ToList();
        await Task.WhenAll(published);

        var read = Read(setup).GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)).ToList();
        Assert.Equal(Count, read.Sum(key => key.Count()));
        Assert.All(read, key => Assert.Equal(Enumerable.Range(0, Count / 10).Select(number => $"{key.Key}:{(10 * number) + int.Parse(key.Key, System.Globalization.CultureInfo.InvariantCulture)}"), key.Select(TextOf)));
    }

    [Fact]
    public async Task Records_that_are_refused_while_others_wait_take_nobody_with_them()
    {
        var setup = await SetupAsync(options => (options.Producer["queue.buffering.max.messages"], options.Producer["message.max.bytes"]) = ("20", "10000"));
        await using var instance = await StoreInstance.StartAsync(setup);
        var large = new string('x', 20_000);

        // Appends to one stream follow one another from the reports, also from the report of a refusal.
        var appends = Enumerable.Range(0, 300).Select(number => instance.NoteAsync($"{number % 3}", number % 5 == 0 ? large : $"{number}").AsTask()).ToList();
        var published = Enumerable.Range(0, 300).Select(number => PublishAsync(instance, number % 5 == 0 ? $"1:{large}" : $"1:{number}")).ToList();

        foreach (var (append, number) in appends.Select((append, number) => (append, number)))
        {
            if (number % 5 == 0)
            {
                Assert.Equal(10_000, (await Assert.ThrowsAsync<AppendTooLargeException>(() => append)).Limit);
            }
            else
            {
                await append;
            }
        }

        foreach (var (publish, number) in published.Select((publish, number) => (publish, number)))
        {
            if (number % 5 == 0)
            {
                var exception = await Assert.ThrowsAsync<PublishException>(() => publish);
                Assert.Equal((false, false), (exception.PossiblyPersisted, exception.IsTransient));
            }
            else
            {
                await publish;
            }
        }

        Assert.Equal(240, Read(setup).Count);
    }

    [Fact]
    public async Task A_broker_that_is_away_makes_a_publish_fail_as_transient_with_its_address_and_later_ones_go_on()
    {
        var setup = await SetupAsync(options => options.Producer["message.timeout.ms"] = "3000");
        await using var instance = await StoreInstance.StartAsync(setup);
        await PublishAsync(instance, "1:before");
        var cluster = await kafka.GetAsync();
        await cluster.KillNodeAsync(1);

        var exception = await Assert.ThrowsAnyAsync<MessagingException>(() => PublishAsync(instance, "1:lost"));
        Assert.True(exception is { IsTransient: true } and (KafkaUnavailableException or PublishException), exception.ToString());
        Assert.True(exception is not KafkaUnavailableException || exception.Message.Contains(setup.BootstrapServers, StringComparison.Ordinal), exception.Message);

        await cluster.StartNodeAsync(1);
        await UntilPublishedAsync(instance, "1:after");
        Assert.Equal(["1:before", "1:after"], Read(setup).Select(TextOf).Where(text => text != "1:lost"));
    }

    [Fact]
    public async Task Retries_while_the_broker_goes_away_and_comes_back_neither_double_nor_reorder()
    {
        const int Count = 3_000;
        var setup = await SetupAsync(options => options.Producer["message.timeout.ms"] = "120000");
        await using var instance = await StoreInstance.StartAsync(setup);
        await PublishAsync(instance, "9:first");
        var cluster = await kafka.GetAsync();

        // Some are stored and not acknowledged when the broker dies; those are sent again.
        var published = Enumerable.Range(0, Count / 2).Select(number => PublishAsync(instance, $"{number % 3}:{number}")).ToList();
        await cluster.KillNodeAsync(1);
        published.AddRange(Enumerable.Range(Count / 2, Count / 2).Select(number => PublishAsync(instance, $"{number % 3}:{number}")));
        await cluster.StartNodeAsync(1);
        await Task.WhenAll(published);

        var read = Read(setup).Select(TextOf).Where(text => text != "9:first").GroupBy(text => int.Parse(text[..1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.All(read, key => Assert.Equal(Enumerable.Range(0, Count / 3).Select(number => $"{key.Key}:{(3 * number) + key.Key}"), key));
        Assert.Equal(3, read.Count());
    }

    [Fact]
    public async Task A_producer_that_failed_for_good_is_replaced_and_every_caller_is_answered()
    {
        var setup = await SetupAsync(_ => { });
        await using var instance = await StoreInstance.StartAsync(setup);
        await PublishAsync(instance, "1:before");
        await instance.NoteAsync("1", "before", ExpectedVersion.NoStream);

        FatalError.CauseAt(instance.Get<KafkaProducer>());
        var appends = Enumerable.Range(0, 20).Select(number => instance.NoteAsync($"{number}", "meanwhile").AsTask()).ToList();

        await Task.WhenAll(appends);
        await UntilPublishedAsync(instance, "1:after");
        Assert.Equal(["before", "meanwhile"], (await instance.ReadAsync("1", ReadConsistency.Strong)).Texts());
        Assert.Contains(instance.Log.Entries, entry => entry.Id == 1003);
    }

    [Fact]
    public async Task A_published_event_is_a_structured_CloudEvent_that_carries_the_trace_of_its_caller()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Messaging.Patterns.Kafka" or "publisher",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("publisher");
        var setup = await SetupAsync(_ => { });
        await using var instance = await StoreInstance.StartAsync(setup);
        using var caller = source.StartActivity("request")!;

        await PublishAsync(instance, "1:hello");

        var record = Assert.Single(Read(setup));
        Assert.Equal("application/cloudevents+json", Encoding.UTF8.GetString(Assert.Single(record.Message.Headers).GetValueBytes()).Split(';')[0]);
        using var value = JsonDocument.Parse(record.Message.Value);
        Assert.Contains(caller.TraceId.ToString(), value.RootElement.GetProperty("traceparent").GetString(), StringComparison.Ordinal);
        Assert.Equal(("1.0", "noted"), (value.RootElement.GetProperty("specversion").GetString(), value.RootElement.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task A_topic_that_is_not_as_its_route_says_is_refused_with_every_difference()
    {
        var servers = (await kafka.GetAsync()).BootstrapServers;
        var topic = await KafkaTopics.CreateAsync(servers, "published", 2);
        await using var instance = await StoreInstance.StartAsync(new(servers, KafkaTopics.UniqueName("notes"))
        {
            More = builder => builder.AddKafkaPublisher().AddRoute<Noted>(topic, noted => noted.Text, specification =>
            {
                specification.Partitions = 3;
                specification.Configs["cleanup.policy"] = "compact";
            }),
        });

        await instance.Stopping.WaitAsync();

        var refused = Assert.IsType<TopicContractException>(instance.Log.Entries.Select(entry => entry.Exception).First(exception => exception is TopicContractException));
        Assert.Equal((topic, 2), (refused.Topic, refused.Differences.Count));
    }

    private static async Task<Position> PublishAsync(StoreInstance instance, string text) =>
        await instance.Publisher.PublishAsync(new EventData(new Noted(text)), TestContext.Current.CancellationToken);

    /// <summary>Publishes until it succeeds: what failed meanwhile was told as transient.</summary>
    private static async Task UntilPublishedAsync(StoreInstance instance, string text)
    {
        while (true)
        {
            try
            {
                await PublishAsync(instance, text);
                return;
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                // The broker is still away, or the failed producer is on its way out.
            }
        }
    }

    private static string TextOf(ConsumeResult<byte[], byte[]> record)
    {
        using var value = JsonDocument.Parse(record.Message.Value);
        return value.RootElement.GetProperty("data").GetProperty("text").GetString()!;
    }

    private static List<ConsumeResult<byte[], byte[]>> Read(StoreSetup setup) => RawLog.Read(setup.BootstrapServers, $"{setup.TopicName}.published");

    private async Task<StoreSetup> SetupAsync(Action<KafkaOptions> options)
    {
        var topic = KafkaTopics.UniqueName("notes");
        return new((await kafka.GetAsync()).BootstrapServers, topic)
        {
            Kafka = options,
            More = builder => builder.AddKafkaPublisher().AddRoute<Noted>($"{topic}.published", noted => noted.Text.Split(':')[0], specification => specification.Partitions = 3),
        };
    }
}
