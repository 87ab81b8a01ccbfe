using System.Runtime.InteropServices;
using Confluent.Kafka;
using Messaging.Patterns.Testing.Embedded;

namespace Messaging.Patterns.Testing;

/// <summary>A Kafka inside this process, for demos and fast tests: librdkafka's mock cluster, which Confluent.Kafka carries with it.</summary>
/// <remarks>
/// <para>
/// It speaks Kafka's protocol on ports of 127.0.0.1, so other processes of the machine can use it too, as long as this one lives. Connect with
/// <c>KafkaProfile.Development</c>: topics appear on first use, and nothing of them is created or verified.
/// </para>
/// <para>
/// It proves nothing about a real Kafka. It keeps everything in memory, at most 5 MiB or 100,000 batches per partition, and then drops the oldest; an event
/// store that starts afterwards stops. It does not answer CreateTopics (topics that appear by themselves have 4 partitions; <see cref="CreateTopic"/> makes
/// others), DescribeConfigs and offset look-ups by time, and shows what aborted transactions wrote. A topic's settings, such as its retention, its
/// compaction and its message limit, do not exist. Run what must hold against a real Kafka as well.
/// </para>
/// </remarks>
public sealed class EmbeddedKafka : IAsyncDisposable, IDisposable
{
    /// <summary>The partitions of a topic that appears by itself: 4.</summary>
    public const int DefaultPartitions = 4;

    // Members that start together share the first rebalance, and a single one hardly waits.
    private const int InitialRebalanceDelay = 100;

    private readonly MockClusterHandle _cluster;

    private EmbeddedKafka(MockClusterHandle cluster)
    {
        _cluster = cluster;
        BootstrapServers = Marshal.PtrToStringUTF8(LibrdkafkaMock.GetBootstrapServers(cluster))!;
        LibrdkafkaMock.SetInitialRebalanceDelay(cluster, InitialRebalanceDelay);
    }

    /// <summary>Gets the addresses of the brokers, <c>host:port</c> separated by commas.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts a cluster on free ports.</summary>
    /// <param name="brokers">The number of brokers, whose ids are 1, 2, 3 ...; at least 1.</param>
    /// <returns>The cluster; it ends, and everything in it is gone, when it is disposed of.</returns>
    /// <exception cref="DllNotFoundException">Confluent.Kafka carries no librdkafka for this platform.</exception>
    public static EmbeddedKafka Start(int brokers = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(brokers, 1);
        return new EmbeddedKafka(MockClusterHandle.Start(brokers));
    }

    /// <summary>Creates a topic with a partition count of its own.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="partitions">The number of partitions, at least 1.</param>
    /// <param name="replicationFactor">The number of copies that metadata shows, at least 1 and at most the number of brokers; nothing is copied.</param>
    /// <exception cref="KafkaException">There is such a topic already, or the name is none.</exception>
    public void CreateTopic(string name, int partitions, int replicationFactor = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicationFactor, 1);
        Check(LibrdkafkaMock.CreateTopic(_cluster, name, partitions, replicationFactor));
    }

    /// <summary>Makes another broker the leader of a partition; the topic is created when there is none.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="broker">The broker's id, or <see langword="null"/> for no leader.</param>
    /// <exception cref="KafkaException">There is no such partition or broker.</exception>
    public void SetLeader(string topic, int partition, int? broker)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        Check(LibrdkafkaMock.SetLeader(_cluster, topic, partition, broker ?? -1));
    }

    /// <summary>Makes a broker unreachable: its connections end and it accepts no others. Leaders stay as they are, and what is stored stays.</summary>
    /// <param name="broker">The broker's id, or <see langword="null"/> for all.</param>
    /// <exception cref="KafkaException">There is no such broker.</exception>
    public void StopBroker(int? broker = null) => Check(LibrdkafkaMock.SetDown(_cluster, broker ?? LibrdkafkaMock.AllBrokers));

    /// <summary>Makes a broker reachable again.</summary>
    /// <param name="broker">The broker's id, or <see langword="null"/> for all.</param>
    /// <exception cref="KafkaException">There is no such broker.</exception>
    public void StartBroker(int? broker = null) => Check(LibrdkafkaMock.SetUp(_cluster, broker ?? LibrdkafkaMock.AllBrokers));

    /// <summary>Delays every answer of a broker, from now on. A delay beyond a client's request timeout leaves what it asked for done, but unanswered.</summary>
    /// <param name="delay">The delay, zero or more; zero ends it.</param>
    /// <param name="broker">The broker's id, or <see langword="null"/> for all.</param>
    /// <exception cref="KafkaException">There is no such broker.</exception>
    public void SetRoundTripTime(TimeSpan delay, int? broker = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        Check(LibrdkafkaMock.SetRoundTripTime(_cluster, broker ?? LibrdkafkaMock.AllBrokers, (int)delay.TotalMilliseconds));
    }

    /// <summary>Makes the next requests of a kind fail, one for each error, without being carried out.</summary>
    /// <param name="request">The kind of request.</param>
    /// <param name="errors">The brokers' answers in their order; <see cref="ErrorCode.Local_Transport"/> ends the connection instead of an answer.</param>
    public void FailRequests(KafkaRequest request, params ReadOnlySpan<ErrorCode> errors) =>
        LibrdkafkaMock.PushErrors(_cluster, (short)request, (nuint)errors.Length, errors);

    /// <summary>Forgets the errors of <see cref="FailRequests"/> that no request has met yet.</summary>
    /// <param name="request">The kind of request.</param>
    public void ClearFailures(KafkaRequest request) => LibrdkafkaMock.ClearErrors(_cluster, (short)request);

    /// <inheritdoc/>
    public void Dispose() => _cluster.Dispose();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Task.Run(Dispose).ConfigureAwait(false);

    private static void Check(ErrorCode error)
    {
        if (error != ErrorCode.NoError)
        {
            throw new KafkaException(error);
        }
    }
}
