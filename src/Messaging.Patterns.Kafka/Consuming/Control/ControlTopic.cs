using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>The control topic: this process reads all of it, all the time, and writes to it.</summary>
internal sealed partial class ControlTopic(
    KafkaClients clients, KafkaProducer producer, TopicProvisioner provisioner, IOptions<KafkaControlOptions> options, ILogger<ControlTopic> logger) : BackgroundService
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource<IConsumer<byte[], byte[]>> _consumer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Closed under it, so that nobody asks a consumer that is gone.
    private readonly ReaderWriterLockSlim _open = new();
    private bool _isClosed;

    /// <summary>Gets the lock under which <see cref="Log"/> is used.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Gets what is read.</summary>
    public ControlLog Log { get; } = new();

    /// <summary>Gets why it cannot be read on, or <see langword="null"/>.</summary>
    public Exception? Fault { get; private set; }

    private TopicPartition Place => new(options.Value.Topic, 0);

    /// <summary>Returns where the topic ends now.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public async Task<long> GetEndAsync(CancellationToken cancellationToken)
    {
        var consumer = await _consumer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => QueryEnd(consumer), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a record, and returns when it is stored.</summary>
    /// <exception cref="KafkaException">It is not, or may not be.</exception>
    public async Task WriteAsync(ControlledPartition partition, ControlEntry entry, CancellationToken cancellationToken) =>
        await StoreAsync(ControlFormat.WriteKey(partition, entry), ControlFormat.WriteValue(entry)).WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Names the version of the format before the first order.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (Read() == 0 && await GetEndAsync(cancellationToken).ConfigureAwait(false) == 0)
        {
            await StoreAsync(ControlFormat.First.Key, ControlFormat.First.Value).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override void Dispose()
    {
        base.Dispose();

        // A host may be disposed without being stopped before. The reader needs the lock to its end.
        ((IAsyncResult?)ExecuteTask)?.AsyncWaitHandle.WaitOne();
        _open.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var specification = new TopicSpecification(options.Value.Topic) { Partitions = 1 };
            await provisioner.EnsureControlTopicAsync(specification, options.Value.Provisioning, stoppingToken).ConfigureAwait(false);
            await Task.Factory.StartNew(() => Read(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before it was there.
        }
        catch (Exception exception)
        {
            Fault = exception;
            throw;
        }
        finally
        {
            _consumer.TrySetException(new MessagingException($"Control topic '{options.Value.Topic}' is not read: this process stops.", Fault));
        }
    }

    private long Read()
    {
        lock (Gate)
        {
            return Log.Next;
        }
    }

    private Task<Offset> StoreAsync(byte[] key, byte[] value) =>
        DeadLetters.StoreOperation.SendAsync(producer, Place, new Message<byte[], byte[]> { Key = key, Value = value });

    private long QueryEnd(IConsumer<byte[], byte[]> consumer)
    {
        _open.EnterReadLock();

        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return consumer.QueryWatermarkOffsets(Place, RequestTimeout).High.Value;
        }
        finally
        {
            _open.ExitReadLock();
        }
    }

    private void Read(CancellationToken stopping)
    {
        var consumer = clients.CreateConsumer(config =>
        {
            LogTail.Configure(config);
            config.GroupId = "control";
            config.AutoOffsetReset = AutoOffsetReset.Earliest;
        });

        try
        {
            consumer.Assign(new TopicPartitionOffset(Place, Offset.Beginning));
            _consumer.TrySetResult(consumer);

            while (!stopping.IsCancellationRequested)
            {
                ReadOnce(consumer);
            }
        }
        finally
        {
            _open.EnterWriteLock();
            _isClosed = true;
            consumer.Dispose();
            _open.ExitWriteLock();
        }
    }

    private void ReadOnce(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            if (consumer.Consume(PollInterval) is not { } result)
            {
                return;
            }

            lock (Gate)
            {
                if (result.IsPartitionEOF)
                {
                    Log.ReadTo(result.Offset.Value);
                }
                else if (ReadRecord(result) is { } record)
                {
                    Log.Read(result.Offset.Value, record.Partition, record.Entry);
                }
                else
                {
                    Log.ReadTo(result.Offset.Value + 1);
                }
            }
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            Logged.Interrupted(logger, exception, options.Value.Topic);
        }
    }

    private (ControlledPartition Partition, ControlEntry Entry)? ReadRecord(ConsumeResult<byte[], byte[]> result)
    {
        try
        {
            return ControlFormat.Read(result.Message.Key, result.Message.Value);
        }
        catch (FormatException exception)
        {
            throw new MessagingException(
                $"Control topic '{options.Value.Topic}' cannot be read on at offset {result.Offset.Value}: {exception.Message}. Update this process, or remove what is not an order.", exception);
        }
    }

    private static partial class Logged
    {
        [LoggerMessage(1470, LogLevel.Warning, "Control topic {Topic} is not read for now; it goes on by itself.")]
        public static partial void Interrupted(ILogger logger, Exception exception, string topic);
    }
}
