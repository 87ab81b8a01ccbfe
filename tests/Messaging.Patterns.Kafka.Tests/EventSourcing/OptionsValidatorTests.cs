using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing;

/// <summary>Every fault of an options class is listed at once, with the member's name.</summary>
public sealed class OptionsValidatorTests
{
    [Fact]
    public void The_defaults_have_no_faults()
    {
        Assert.False(new KafkaEventStoreOptionsValidator().Validate(null, new()).Failed);
        Assert.False(new KafkaEventWriterOptionsValidator().Validate(null, new()).Failed);
        Assert.False(new KafkaEventReaderOptionsValidator().Validate(null, new()).Failed);
    }

    [Fact]
    public void Every_fault_of_the_writer_is_listed() => Assert.Equal(
        [
            "Property AppendTimeout: must be positive and at most 24 days, but is 00:00:00.",
            "Property MaxPendingAppends: must be at least 1, but is 0.",
            "Property MaxPendingBytes: must be at least 1, but is 0.",
            "Property CheckpointInterval: must be positive and at most 24 days, but is 10675199.02:48:05.4775807.",
            "Property CheckpointPath: must name a file, or be left out.",
        ],
        new KafkaEventWriterOptionsValidator().Validate(
            null, new() { AppendTimeout = TimeSpan.Zero, MaxPendingAppends = 0, MaxPendingBytes = 0, CheckpointInterval = TimeSpan.MaxValue, CheckpointPath = "" }).Failures!);

    [Fact]
    public void The_binary_layout_has_no_content_type_and_other_layouts_do_not_exist() => Assert.Equal(
        [
            "Property WriteContentTypeHeader: cannot be set with Layout Binary: its records have no media type that others know, and are written without headers.",
            "Property Layout: must be CloudEvents or Binary, but is 9.",
        ],
        [
            .. new KafkaEventWriterOptionsValidator().Validate(null, new() { Layout = LogLayout.Binary, WriteContentTypeHeader = true }).Failures!,
            .. new KafkaEventWriterOptionsValidator().Validate(null, new() { Layout = (LogLayout)9 }).Failures!,
        ]);

    [Fact]
    public void Every_fault_of_the_reader_is_listed() => Assert.Equal(
        [
            "Property ReadTimeout: must be positive and at most 24 days, but is -00:00:00.0010000.",
            "Property StorePath: must name a file, or InMemory must be set.",
        ],
        new KafkaEventReaderOptionsValidator().Validate(null, new() { ReadTimeout = Timeout.InfiniteTimeSpan, StorePath = " " }).Failures!);

    [Fact]
    public void In_memory_no_file_is_needed() =>
        Assert.False(new KafkaEventReaderOptionsValidator().Validate(null, new() { InMemory = true, StorePath = "" }).Failed);

    [Fact]
    public void Every_fault_of_the_store_is_listed()
    {
        var options = new KafkaEventStoreOptions { AppendIdWindow = 0, TopicCheckInterval = TimeSpan.Zero, OnForeignRecord = (ForeignRecordPolicy)9, Provisioning = (ProvisioningMode)9 };
        options.Streams[""] = options.Streams["a-b"] = options.Streams["a b"] = new TopicSpecification("t") { Partitions = -1, ReplicationFactor = 0 };

        Assert.Equal(
            [
                "Property AppendIdWindow: must be at least 1, but is 0.",
                "Property TopicCheckInterval: must be positive and at most 24 days, but is 00:00:00.",
                "Property OnForeignRecord: must be Stop or SetAside, but is 9.",
                "Property Provisioning: must be CreateOrVerify, Verify or None, but is 9.",
                .. options.Streams.Keys.Select(category =>
                    $"Property Streams: category '{category}' can name no stream: it must be printable, without white space, and without '-', which separates it from the id."),
                "Property Streams: topic 't' is given -1 partitions; at least 1 is needed.",
                "Property Streams: topic 't' is given a replication factor of 0; at least 1 is needed.",
            ],
            new KafkaEventStoreOptionsValidator().Validate(null, options).Failures!);
    }
}
