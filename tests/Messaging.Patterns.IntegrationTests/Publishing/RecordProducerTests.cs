using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Publishing;

/// <summary>Records as they are, on a real broker.</summary>
public sealed class RecordProducerTests(OwnKafka kafka) : IClassFixture<OwnKafka>
{
    private static readonly int[] Sizes = [10, 20_000, 200_000, 10];

    [Fact]
    public async Task A_record_lies_where_its_key_belongs_with_its_bytes_and_headers()
    {
        var (servers, topic) = await TopicAsync();
        await using var services = Services(servers);
        var producer = services.GetRequiredService<IRecordProducer>();
        var keys = Enumerable.Range(0, 20).Select(number => $"key-{number}").ToList();

        await Task.WhenAll(keys.Select(key => SendAsync(producer, new(topic, Bytes(key), Bytes($"<{key}>"))
        {
            Headers = [new("one", Bytes("1")), new("two", Bytes("2")), new("one", Bytes("3"))],
        })));
        await SendAsync(producer, new(topic, Bytes("gone"), null));

        // A piece of a larger array is sent as that piece.
        await SendAsync(producer, new(topic, Bytes("xkeyx").AsMemory(1, 3), Bytes("xvaluex").AsMemory(1, 5)));

        var read = RawLog.Read(servers, topic).ToDictionary(record => Encoding.UTF8.GetString(record.Message.Key));
        Assert.All(keys, key =>
        {
            Assert.Equal(Murmur2.Partition(Bytes(key), 3), read[key].Partition.Value);
            Assert.Equal($"<{key}>", Encoding.UTF8.GetString(read[key].Message.Value));
            Assert.Equal(["one=1", "two=2", "one=3"], read[key].Message.Headers.Select(header => $"{header.Key}={Encoding.UTF8.GetString(header.GetValueBytes())}"));
        });
        Assert.Null(read["gone"].Message.Value);
        Assert.Equal("value", Encoding.UTF8.GetString(read["key"].Message.Value));
    }

    [Fact]
    public async Task A_topic_that_does_not_exist_is_told_by_name_and_not_as_an_absent_broker()
    {
        var (servers, topic) = await TopicAsync();
        await using var services = Services(servers);
        var producer = services.GetRequiredService<IRecordProducer>();

        var missing = SendAsync(producer, new("no-such-topic", Bytes("key"), Bytes("value")));
        Assert.Equal(RecordStatus.Acknowledged, (await SendAsync(producer, new(topic, Bytes("key"), Bytes("value")))).Status);

        var (status, reason) = await missing;
        Assert.Equal(RecordStatus.NoTopic, status);
        Assert.StartsWith("topic 'no-such-topic': the topic does not exist; create it, or correct its name", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_was_missing_is_used_once_it_is_there()
    {
        var (servers, _) = await TopicAsync();
        await using var services = Services(servers);
        var producer = services.GetRequiredService<IRecordProducer>();
        var name = KafkaTopics.UniqueName("late");
        Assert.Equal(RecordStatus.NoTopic, (await SendAsync(producer, new(name, Bytes("key"), Bytes("value")))).Status);

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.CreateTopicsAsync([new() { Name = name, NumPartitions = 1 }]);

        while ((await SendAsync(producer, new(name, Bytes("key"), Bytes("value")))).Status == RecordStatus.NoTopic)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Single(RawLog.Read(servers, name));
    }

    [Fact]
    public async Task A_record_that_is_too_large_for_its_topic_or_for_the_client_is_refused_and_others_go_on()
    {
        var (servers, topic) = await TopicAsync(new() { ["max.message.bytes"] = "10000" });
        await using var services = Services(servers, options => options.Producer["message.max.bytes"] = "100000");
        var producer = services.GetRequiredService<IRecordProducer>();

        var outcomes = await Task.WhenAll(Sizes.Select((size, number) => SendAsync(producer, new(topic, Bytes($"{number}"), new byte[size]))));

        Assert.Equal([RecordStatus.Acknowledged, RecordStatus.Refused, RecordStatus.Refused, RecordStatus.Acknowledged], outcomes.Select(outcome => outcome.Status));
        Assert.All(outcomes.Where(outcome => outcome.Status == RecordStatus.Refused), outcome =>
        {
            Assert.StartsWith($"topic '{topic}': ", outcome.Reason, StringComparison.Ordinal);
            Assert.Contains("max.message.bytes", outcome.Reason, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task While_the_broker_is_away_records_fail_and_may_be_sent_again()
    {
        var (servers, topic) = await TopicAsync();
        await using var services = Services(servers, options => options.Producer["message.timeout.ms"] = "1000");
        var producer = services.GetRequiredService<IRecordProducer>();
        await UntilStoredAsync(producer, new(topic, Bytes("key"), Bytes("before")));
        var cluster = await kafka.GetAsync();
        await cluster.KillNodeAsync(1);

        Assert.True((await SendAsync(producer, new(topic, Bytes("key"), Bytes("meanwhile")))).Status is RecordStatus.Failed or RecordStatus.Unknown);

        await cluster.StartNodeAsync(1);
        await UntilStoredAsync(producer, new(topic, Bytes("key"), Bytes("after")));

        Assert.Equal(["before", "after"], RawLog.Read(servers, topic).Select(record => Encoding.UTF8.GetString(record.Message.Value)).Where(text => text != "meanwhile").Distinct());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static Task<RecordOutcome> SendAsync(IRecordProducer producer, OutgoingRecord record)
    {
        var completion = new TaskCompletionSource<RecordOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        producer.Send(record, completion.SetResult);
        return completion.Task;
    }

    private static async Task UntilStoredAsync(IRecordProducer producer, OutgoingRecord record)
    {
        while ((await SendAsync(producer, record)).Status != RecordStatus.Acknowledged)
        {
            // No connection yet; the time-out of the record was the pause.
        }
    }

    private static ServiceProvider Services(string servers, Action<KafkaOptions>? configure = null) => new ServiceCollection()
        .AddLogging()
        .AddKafka(options =>
        {
            options.BootstrapServers = servers;
            configure?.Invoke(options);
        })
        .Services.BuildServiceProvider();

    private async Task<(string Servers, string Topic)> TopicAsync(Dictionary<string, string>? configs = null)
    {
        var servers = (await kafka.GetAsync()).BootstrapServers;
        return (servers, await KafkaTopics.CreateAsync(servers, "records", 3, configs));
    }
}
