using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Messaging.Patterns.Testing.Embedded;

/// <summary>The functions of librdkafka's mock cluster (rdkafka_mock.h), from the library that Confluent.Kafka carries.</summary>
internal static partial class LibrdkafkaMock
{
    public const int TypeOfProducer = 0;
    public const int AllBrokers = -1;

    private const string Library = "librdkafka";

    // Confluent.Kafka names the library differently where the usual one does not load.
    private static readonly string[] OtherNames = ["alpine-librdkafka", "centos8-librdkafka"];

    static LibrdkafkaMock() => NativeLibrary.SetDllImportResolver(typeof(LibrdkafkaMock).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    public static partial nint NewConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Set(nint configuration, string name, string value, Span<byte> error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_destroy")]
    public static partial void DestroyConfiguration(nint configuration);

    /// <summary>Makes a client, which then owns the configuration; returns 0, and leaves it, on failure.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    public static partial nint NewClient(int type, nint configuration, Span<byte> error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    public static partial void DestroyClient(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial nint NewCluster(nint client, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    public static partial void DestroyCluster(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial nint GetBootstrapServers(MockClusterHandle cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void SetInitialRebalanceDelay(MockClusterHandle cluster, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ErrorCode CreateTopic(MockClusterHandle cluster, string topic, int partitions, int replicationFactor);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ErrorCode SetLeader(MockClusterHandle cluster, string topic, int partition, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial ErrorCode SetDown(MockClusterHandle cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial ErrorCode SetUp(MockClusterHandle cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    public static partial ErrorCode SetRoundTripTime(MockClusterHandle cluster, int broker, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    public static partial void PushErrors(MockClusterHandle cluster, short request, nuint count, ReadOnlySpan<ErrorCode> errors);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    public static partial void ClearErrors(MockClusterHandle cluster, short request);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name == Library && !NativeLibrary.TryLoad(name, assembly, searchPath, out _))
        {
            foreach (var other in OtherNames)
            {
                if (NativeLibrary.TryLoad(other, assembly, searchPath, out var library))
                {
                    return library;
                }
            }
        }

        // The usual way, with its usual error.
        return 0;
    }
}
