using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.IntegrationTests.Consuming;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Publishing;

/// <summary>Records in transactions, on a real broker.</summary>
public sealed class RecordTransactionTests(OwnKafka kafka) : IClassFixture<OwnKafka>
{
    private readonly string _prefix = KafkaTopics.UniqueName("ids");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TransactionalId Id => new(_prefix, 0, 1);

    [Fact]
    public async Task Records_of_a_transaction_are_stored_in_their_order_and_its_note_is_told_to_whoever_takes_over_the_id()
    {
        var (servers, topic) = await TopicAsync();
        await using var services = Services(servers);
        var transactions = services.GetRequiredService<IRecordTransactions>();

        await using (var first = await transactions.OpenAsync(Id, Cancellation))
        {
            Assert.Null(first.LastNote);
            await CommitAsync(first, topic, "one", "a1", "a2", "b1");
            await CommitAsync(first, topic, "two", "a3");
        }

        await using var second = await transactions.OpenAsync(Id, Cancellation);
        Assert.Equal("two", Encoding.UTF8.GetString(second.LastNote!.Value.Span));
        Assert.Equal(["a1", "a2", "a3", "b1"], Read(servers, topic).Order());
        Assert.Equal(["a1", "a2", "a3"], Read(servers, topic).Where(text => text[0] == 'a'));
    }

    [Fact]
    public async Task Whoever_held_an_id_can_commit_nothing_after_it_was_taken_over()
    {
        var (servers, topic) = await TopicAsync();
        await using var services = Services(servers);
        var transactions = services.GetRequiredService<IRecordTransactions>();
        await using var former = await transactions.OpenAsync(Id, Cancellation);
        await CommitAsync(former, topic, "former", "a1");

        await using var holder = await transactions.OpenAsync(Id, Cancellation);
        Assert.Equal("former", Encoding.UTF8.GetString(holder.LastNote!.Value.Span));
        Assert.Equal(TransactionStatus.Fenced, (await SendAsync(former, topic, "late", "late1", "late2")).Status);
        await CommitAsync(holder, topic, "holder", "a2");

        await using var next = await transactions.OpenAsync(Id, Cancellation);
        Assert.Equal("holder", Encoding.UTF8.GetString(next.LastNote!.Value.Span));
        Assert.Equal(["a1", "a2"], Read(servers, topic));
    }

    [Fact]
    public async Task A_transaction_that_is_under_way_while_its_id_is_taken_over_is_either_noted_or_never_seen()
    {
        var (servers, topic) = await TopicAsync();
        await using var services = Services(servers);
        var transactions = services.GetRequiredService<IRecordTransactions>();
        var expected = new List<string>();

        for (var round = 0; round < 5; round++)
        {
            await using var former = await transactions.OpenAsync(Id, Cancellation);
            var sending = SendAsync(former, topic, $"note {round}", [.. Enumerable.Range(0, 2_000).Select(number => $"{round}:{number:0000}")]);
            await using var holder = await transactions.OpenAsync(Id, Cancellation);
            var isNoted = holder.LastNote is { } note && Encoding.UTF8.GetString(note.Span) == $"note {round}";
            var outcome = await sending;
            Assert.True(isNoted ? outcome.Status != TransactionStatus.Aborted : outcome.Status != TransactionStatus.Committed, $"It is {(isNoted ? "" : "not ")}noted, but {outcome}.");
            expected.AddRange(isNoted ? Enumerable.Range(0, 2_000).Select(number => $"{round}:{number:0000}") : []);
        }

        Assert.Equal(expected, Read(servers, topic).Order());
    }

    [Fact]
    public async Task A_record_that_is_refused_aborts_its_transaction_and_is_named_and_others_are_sent_once_the_id_is_taken_over_anew()
    {
        var (servers, topic) = await TopicAsync(new() { ["max.message.bytes"] = "10000" });
        await using var services = Services(servers);
        var transactions = services.GetRequiredService<IRecordTransactions>();
        var large = new string('x', 20_000);

        await using (var producer = await transactions.OpenAsync(Id, Cancellation))
        {
            await CommitAsync(producer, topic, "before", "a0");
            var outcome = await SendAsync(producer, topic, "refused", "a1", large, "b1");
            Assert.Equal(TransactionStatus.Aborted, outcome.Status);
            Assert.Equal(RecordStatus.Refused, outcome.Blamed[1].Status);
            Assert.Contains("max.message.bytes", outcome.Blamed[1].Reason, StringComparison.Ordinal);
        }

        await using var next = await transactions.OpenAsync(Id, Cancellation);
        Assert.Equal("before", Encoding.UTF8.GetString(next.LastNote!.Value.Span));
        await CommitAsync(next, topic, "after", "a1", "b1");
        Assert.Equal(["a0", "a1", "b1"], Read(servers, topic).Order());
    }

    [Fact]
    public async Task A_topic_that_does_not_exist_is_told_without_a_transaction_and_used_once_it_is_there()
    {
        var (servers, topic) = await TopicAsync();
        await using var services = Services(servers);
        await using var producer = await services.GetRequiredService<IRecordTransactions>().OpenAsync(Id, Cancellation);
        var missing = KafkaTopics.UniqueName("missing");

        var outcome = await producer.SendAsync([Record(topic, "a1"), Record(missing, "a2")], default, Cancellation);
        Assert.Equal((TransactionStatus.NotBegun, RecordStatus.NoTopic), (outcome.Status, Assert.Single(outcome.Blamed).Value.Status));

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.CreateTopicsAsync([new() { Name = missing, NumPartitions = 1 }]);

        while ((await SendAsync(producer, missing, "there", "a2")).Status != TransactionStatus.Committed)
        {
            await Task.Delay(50, Cancellation);
        }

        Assert.Equal(["a2"], Read(servers, missing));
    }

    [Fact]
    public async Task A_topic_of_event_streams_is_refused()
    {
        using var streams = await CounterTopic.CreateAsync((await kafka.GetAsync()).BootstrapServers);
        await streams.WriteBarrierAsync();
        var (servers, _) = await TopicAsync();
        await using var services = Services(servers);
        await using var producer = await services.GetRequiredService<IRecordTransactions>().OpenAsync(Id, Cancellation);

        var outcome = await SendAsync(producer, streams.Name, "note", "a1");

        Assert.Equal((TransactionStatus.NotBegun, RecordStatus.Refused), (outcome.Status, outcome.Blamed[0].Status));
        Assert.Contains("holds event streams, where nobody may use transactions", outcome.Blamed[0].Reason, StringComparison.Ordinal);
        Assert.Single(RawLog.Read(servers, streams.Name));
    }

    [Fact]
    public async Task Brokers_without_a_coordinator_of_transactions_are_told_with_what_they_need()
    {
        // Skips where there is no Kafka to be started.
        await kafka.GetAsync();
        await using var cluster = await KafkaCluster.StartAsync(1, settings: ["transaction.state.log.replication.factor=3"]);
        await using var services = Services(cluster.BootstrapServers, messageTimeout: "2000");

        var exception = await Assert.ThrowsAnyAsync<MessagingException>(() => services.GetRequiredService<IRecordTransactions>().OpenAsync(Id, Cancellation));

        Assert.StartsWith($"Transactional id '{_prefix}-0' could not be taken over: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("as transaction.state.log.replication.factor says (3 by default)", exception.Message, StringComparison.Ordinal);
    }

    private static OutgoingRecord Record(string topic, string text) => new(topic, Encoding.UTF8.GetBytes(text[..1]), Encoding.UTF8.GetBytes(text));

    private static Task<TransactionOutcome> SendAsync(ITransactionalRecordProducer producer, string topic, string note, params string[] texts) =>
        producer.SendAsync([.. texts.Select(text => Record(topic, text))], Encoding.UTF8.GetBytes(note), Cancellation);

    private static async Task CommitAsync(ITransactionalRecordProducer producer, string topic, string note, params string[] texts) =>
        Assert.Equal(new TransactionOutcome(TransactionStatus.Committed), await SendAsync(producer, topic, note, texts));

    private static List<string> Read(string servers, string topic) =>
        [.. ForeignLog.Read(servers, topic, Cancellation).Select(record => Encoding.UTF8.GetString(record.Message.Value))];

    private static ServiceProvider Services(string servers, string messageTimeout = "20000") => new ServiceCollection()
        .AddLogging()
        .AddKafka(options => (options.BootstrapServers, options.Producer["message.timeout.ms"]) = (servers, messageTimeout))
        .Services.BuildServiceProvider();

    private async Task<(string Servers, string Topic)> TopicAsync(Dictionary<string, string>? configs = null)
    {
        var servers = (await kafka.GetAsync()).BootstrapServers;
        return (servers, await KafkaTopics.CreateAsync(servers, "records", 3, configs));
    }
}
