using System.Text;
using System.Text.Json;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>Kafka's own tools see in event topics what the documentation says.</summary>
public sealed class ForeignToolsTests(OneNodeKafka kafka)
{
    [Fact]
    public async Task The_console_consumer_shows_an_append_as_a_CloudEvent_or_a_batch_of_them_without_headers()
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("notes")) { Topic = topic => topic.Partitions = 1 };
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.NoteAsync("1", "alone", ExpectedVersion.NoStream);
        await instance.Writer.AppendAsync(
            new("note", "1"), ExpectedVersion.Exactly(1), [.. Noted.One("first"), .. Noted.One("second")], cancellationToken: TestContext.Current.CancellationToken);

        var lines = await ConsumeAsync(setup, messages: 3);

        Assert.Equal(["barrier", "note-1", "note-1"], lines.Select(line => line.Key));
        Assert.All(lines, line => Assert.Equal("NO_HEADERS", line.Headers));
        Assert.Equal(("0", "messaging-patterns.barrier"), (Text(lines[0].Value, "streamversion"), Text(lines[0].Value, "type")));
        Assert.Equal(("1", "noted"), (Text(lines[1].Value, "streamversion"), Text(lines[1].Value, "type")));

        // Whether the barrier before it was folded by then.
        Assert.True(Text(lines[1].Value, "logbase") is "0" or "1");
        Assert.Equal(["first", "second"], lines[2].Value.EnumerateArray().Select(one => one.GetProperty("data").GetProperty("text").GetString()));
        Assert.Equal(["2", "3"], lines[2].Value.EnumerateArray().Select(one => Text(one, "streamversion")));
    }

    [Fact]
    public async Task The_console_consumer_shows_the_content_type_where_it_is_asked_for()
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("notes"))
        {
            Topic = topic => topic.Partitions = 1,
            Writer = writer => writer.WriteContentTypeHeader = true,
        };
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.NoteAsync("1", "alone", ExpectedVersion.NoStream);
        await instance.Writer.AppendAsync(
            new("note", "1"), ExpectedVersion.Exactly(1), [.. Noted.One("first"), .. Noted.One("second")], cancellationToken: TestContext.Current.CancellationToken);

        var lines = await ConsumeAsync(setup, messages: 3);

        Assert.Equal(
            [
                "content-type:application/cloudevents+json; charset=UTF-8",
                "content-type:application/cloudevents+json; charset=UTF-8",
                "content-type:application/cloudevents-batch+json; charset=UTF-8",
            ],
            lines.Select(line => line.Headers));
        Assert.Equal(["alone", "first", "second"], (await instance.ReadAsync("1", ReadConsistency.Strong)).Texts());
    }

    [Fact]
    public async Task A_key_of_the_console_producer_lies_in_the_partition_of_its_stream()
    {
        var servers = await kafka.GetAsync();
        var plain = await KafkaTopics.CreateAsync(servers, "plain", partitions: 7);
        var setup = new StoreSetup(servers, KafkaTopics.UniqueName("notes")) { Topic = topic => topic.Partitions = 7 };
        await using var instance = await StoreInstance.StartAsync(setup);
        string[] ids = ["1", "22", "333", "über", "a-b-c", "日本", "0123456789abcdef", "x.y/z"];

        await ProduceAsync(servers, plain, ids.Select(id => $"note-{id}\tanything"));

        var foreign = RawLog.Read(servers, plain).ToDictionary(record => Encoding.UTF8.GetString(record.Message.Key), record => record.Partition.Value);
        foreach (var id in ids)
        {
            var result = await instance.NoteAsync(id, "hello", ExpectedVersion.NoStream);
            Assert.Equal($"{setup.TopicName}:{foreign[$"note-{id}"]}", Assert.Single(result.Position.Parts));
        }
    }

    [Fact]
    public async Task Frames_that_the_console_producer_writes_again_change_nothing()
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("notes")) { Topic = topic => topic.Partitions = 1 };
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.NoteAsync("1", "first", ExpectedVersion.NoStream);
        await instance.NoteAsync("1", "second", ExpectedVersion.Exactly(1));

        await ProduceAsync(setup.BootstrapServers, setup.TopicName, (await ConsumeAsync(setup, messages: 3)).Select(line => $"{line.Key}\t{line.Value.GetRawText()}"));
        var third = await instance.NoteAsync("1", "third", ExpectedVersion.Exactly(2));

        Assert.Equal((3, 7), (third.Version, third.Position.Next($"{setup.TopicName}:0")));
        Assert.Equal(["first", "second", "third"], (await instance.ReadAsync("1", ReadConsistency.Strong)).Texts());
    }

    private static async Task<IReadOnlyList<(string Headers, string Key, JsonElement Value)>> ConsumeAsync(StoreSetup setup, int messages)
    {
        var result = await KafkaTools.RunAsync(setup.BootstrapServers, "kafka-console-consumer.sh",
        [
            "--topic", setup.TopicName, "--partition", "0", "--from-beginning", "--max-messages", $"{messages}",
            "--formatter-property", "print.key=true", "--formatter-property", "print.headers=true",
        ]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t', 3)).Select(parts => (parts[0], parts[1], JsonElement.Parse(parts[2])))];
    }

    private static async Task ProduceAsync(string servers, string topic, IEnumerable<string> lines)
    {
        var result = await KafkaTools.RunAsync(
            servers, "kafka-console-producer.sh", ["--topic", topic, "--reader-property", "parse.key=true"], string.Concat(lines.Select(line => $"{line}\n")));
        Assert.True(result.ExitCode == 0, result.Errors);
    }

    private static string? Text(JsonElement value, string name) => value.GetProperty(name).GetString();
}
