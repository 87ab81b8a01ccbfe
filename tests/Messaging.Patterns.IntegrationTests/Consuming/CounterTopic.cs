using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Serialization;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>A topic to which a test writes records as it likes, and the commits of groups on it.</summary>
internal sealed class CounterTopic : IDisposable
{
    private static readonly CloudEventsFrameWriter Frames = new(new EventCodec(new EventTypeOptions { Types = { typeof(Counted), typeof(Renamed) } }), TimeProvider.System);

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly IProducer<byte[], byte[]> _producer;

    private CounterTopic(string servers, string name, int partitions)
    {
        (Servers, Name, Partitions) = (servers, name, partitions);
        _producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = servers, Acks = Acks.All, EnableIdempotence = true, LingerMs = 1 })
            .SetLogHandler((_, _) => { }).Build();
    }

    public string Servers { get; }

    public string Name { get; }

    public int Partitions { get; }

    public static async Task<CounterTopic> CreateAsync(string servers, int partitions = 1, string prefix = "counters", params (string Name, string Value)[] configs) => new(
        servers, await KafkaTopics.CreateAsync(servers, prefix, partitions, configs.Append(("message.timestamp.type", "LogAppendTime")).ToDictionary(config => config.Item1, config => config.Item2)), partitions);

    /// <summary>Writes published events of one key, one after another.</summary>
    public Task PublishAsync(int partition, params IEnumerable<int> numbers) => PublishAsync(partition, $"counter-{partition}", numbers);

    /// <summary>Writes published events of a key, one after another.</summary>
    public async Task PublishAsync(int partition, string? key, params IEnumerable<int> numbers)
    {
        var sent = numbers.Select(number => WriteAsync(
            partition, key, $$$"""{"specversion":"1.0","id":"{{{key}}}/{{{number}}}","source":"/tests","type":"counted","data":{"number":{{{number}}}}}""", ("content-type", CloudEventJson.ContentType)));
        await Task.WhenAll(sent.ToList());
    }

    /// <summary>Writes a frame of stream <c>counter-1</c>.</summary>
    public Task<long> WriteFrameAsync(long firstVersion, long @base, params int[] numbers) =>
        WriteFrameAsync(Partitions, firstVersion, @base, numbers);

    /// <summary>Writes a frame of a writer that knew a partition count.</summary>
    public Task<long> WriteFrameAsync(int partitions, long firstVersion, long @base, params int[] numbers)
    {
        var stream = new StreamId("counter", "1");
        var frame = Frames.Prepare(stream, AppendId.New(), partitions, [.. numbers.Select(number => new EventData(new Counted(number)))]);
        return WriteAsync(0, stream.ToString(), frame.Build(firstVersion, @base));
    }

    public Task<long> WriteBarrierAsync() =>
        WriteAsync(0, "barrier", CloudEventsFrameWriter.PrepareBarrier(AppendId.New(), $"/{Name}", Partitions, TimeProvider.System.GetUtcNow()).Build(0, 0));

    public Task<long> WriteAsync(int partition, string? key, string? value, params (string Name, string Value)[] headers) =>
        WriteAsync(partition, key, value is null ? null : Encoding.UTF8.GetBytes(value), headers);

    public async Task<long> WriteAsync(int partition, string? key, byte[]? value, params (string Name, string Value)[] headers)
    {
        var message = new Message<byte[], byte[]> { Key = key is null ? null! : Encoding.UTF8.GetBytes(key), Value = value!, Headers = [] };
        Array.ForEach(headers, header => message.Headers.Add(header.Name, Encoding.UTF8.GetBytes(header.Value)));
        return (await _producer.ProduceAsync(new TopicPartition(Name, partition), message, TestContext.Current.CancellationToken)).Offset.Value;
    }

    /// <summary>Writes a record in a transaction, and waits until its end has taken the offset behind it.</summary>
    public async Task WriteInTransactionAsync(int partition, string key, string value, bool isAborted = false)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Servers, TransactionalId = KafkaTopics.UniqueName("transaction") }).SetLogHandler((_, _) => { }).Build();
        var before = (await EndsAsync())[partition];
        await Task.Run(() =>
        {
            producer.InitTransactions(RequestTimeout);
            producer.BeginTransaction();
            producer.Produce(new TopicPartition(Name, partition), new Message<string, string> { Key = key, Value = value });
            producer.Flush(RequestTimeout);
            (isAborted ? producer.AbortTransaction : (Action<TimeSpan>)producer.CommitTransaction)(RequestTimeout);
        });

        while ((await EndsAsync())[partition] < before + 2)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Returns what a group has committed, by partition; -1 for nothing.</summary>
    /// <remarks>
    /// Asked by a consumer that joins nothing: librdkafka ends the process when an admin client asks while the group has no coordinator (its pull request 5397).
    /// </remarks>
    public async Task<IReadOnlyList<long>> CommittedAsync(string group)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Servers, GroupId = group }).Build();
        var partitions = Enumerable.Range(0, Partitions).Select(number => new TopicPartition(Name, number)).ToList();

        while (true)
        {
            try
            {
                var found = await Task.Run(() => consumer.Committed(partitions, RequestTimeout), TestContext.Current.CancellationToken);
                return [.. found.OrderBy(partition => partition.Partition.Value).Select(partition => Math.Max(-1, partition.Offset.Value))];
            }
            catch (KafkaException exception) when (IsOfCoordinator(exception.Error.Code))
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Returns where the partitions end.</summary>
    public async Task<IReadOnlyList<long>> EndsAsync()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Servers }).Build();
        var ends = await admin.ListOffsetsAsync(
            Enumerable.Range(0, Partitions).Select(number => new TopicPartitionOffsetSpec { TopicPartition = new(Name, number), OffsetSpec = OffsetSpec.Latest() }));
        return [.. ends.ResultInfos.OrderBy(info => info.TopicPartitionOffsetError.Partition.Value).Select(info => info.TopicPartitionOffsetError.Offset.Value)];
    }

    /// <summary>Sets the commit of a group that has no members, once the group's coordinator answers.</summary>
    public async Task CommitAsync(string group, params long[] offsets)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Servers }).Build();
        var commit = new ConsumerGroupTopicPartitionOffsets(group, [.. offsets.Select((offset, number) => new TopicPartitionOffset(Name, number, offset))]);

        while (true)
        {
            try
            {
                await admin.AlterConsumerGroupOffsetsAsync([commit]);
                return;
            }
            catch (AlterConsumerGroupOffsetsException exception) when (exception.Results.SelectMany(result => result.Partitions).All(partition => IsOfCoordinator(partition.Error.Code)))
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Deletes the records of partition 0 before an offset.</summary>
    public async Task DeleteBeforeAsync(long offset)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Servers }).Build();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(Name, 0, offset)]);
    }

    public void Dispose() => _producer.Dispose();

    // A broker that just started still loads the groups.
    private static bool IsOfCoordinator(ErrorCode code) => code is ErrorCode.NoError
        or ErrorCode.Local_WaitCoord or ErrorCode.GroupLoadInProgress or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup;
}
