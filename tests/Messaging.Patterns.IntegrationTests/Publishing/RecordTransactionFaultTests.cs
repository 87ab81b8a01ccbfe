using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Publishing;

/// <summary>Records in transactions while a broker of three is killed; every partition has three copies.</summary>
[Collection(EventSourcing.KillsNodes.Name)]
public sealed class RecordTransactionFaultTests(ThreeNodeKafka kafka)
{
    private const int KilledAt = 20;
    private const int Transactions = 40;

    private static readonly string[] Keys = ["a", "b", "c", "d"];

    private readonly TransactionalId _id = new(KafkaTopics.UniqueName("ids"), 0, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One producer lives through it, and another takes over after it: the coordinator moves to a broker that runs, and each partition has a leader again.</summary>
    [Fact]
    public async Task A_coordinator_that_is_killed_leaves_transactions_that_are_noted_and_seen_or_neither()
    {
        var cluster = await kafka.GetClusterAsync();
        var topic = await KafkaTopics.CreateAsync(cluster.BootstrapServers, "records", 3);
        await using var services = new ServiceCollection().AddLogging().AddKafka(options => options.BootstrapServers = cluster.BootstrapServers).Services.BuildServiceProvider();
        var transactions = services.GetRequiredService<IRecordTransactions>();
        var (committed, killed) = await SendUntilKilledAsync(transactions, cluster, topic);

        try
        {
            await using var next = await transactions.OpenAsync(_id, Cancellation);
            var last = int.Parse(Encoding.UTF8.GetString(next.LastNote!.Value.Span), CultureInfo.InvariantCulture);
            var seen = ForeignLog.Read(cluster.BootstrapServers, topic, Cancellation).Select(record => Encoding.UTF8.GetString(record.Message.Value)).ToList();

            Assert.InRange(committed, KilledAt, Transactions);
            Assert.InRange(last, committed - 1, committed);
            Assert.All(Keys, key => Assert.Equal(Enumerable.Range(0, last + 1).Select(number => $"{key}{number}"), seen.Where(text => text[..1] == key)));
        }
        finally
        {
            await cluster.StartNodeAsync(killed);
        }
    }

    /// <summary>Sends transactions, while some of which the coordinator is killed. Returns how many were committed, and who was killed.</summary>
    private async Task<(int Committed, int Killed)> SendUntilKilledAsync(IRecordTransactions transactions, KafkaCluster cluster, string topic)
    {
        await using var producer = await transactions.OpenAsync(_id, Cancellation);
        var (committed, coordinator, killing) = (0, CoordinatorOf(cluster.BootstrapServers, $"{_id}"), Task.CompletedTask);

        while (committed < Transactions)
        {
            killing = committed == KilledAt ? cluster.KillNodeAsync(coordinator) : killing;

            if (await SendAsync(producer, topic, committed) is not { Status: TransactionStatus.Committed })
            {
                break;
            }

            committed++;
        }

        await killing;
        return (committed, coordinator);
    }

    private static Task<TransactionOutcome> SendAsync(ITransactionalRecordProducer producer, string topic, int number) => producer.SendAsync(
        [.. Keys.Select(key => new OutgoingRecord(topic, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{key}{number}")))], Encoding.UTF8.GetBytes($"{number}"), Cancellation);

    // A broker coordinates the ids whose hash, as Java calculates it, belongs to a partition that it leads.
    private static int CoordinatorOf(string servers, string id)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        var partitions = admin.GetMetadata("__transaction_state", TimeSpan.FromSeconds(30)).Topics.Single().Partitions;
        var hash = id.Aggregate(0, (sum, letter) => unchecked((31 * sum) + letter)) & int.MaxValue;
        return partitions.Single(partition => partition.PartitionId == hash % partitions.Count).Leader;
    }
}
