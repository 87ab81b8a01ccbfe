using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Follows all partitions of a topic on one thread, with a consumer that belongs to no group and commits nothing.</summary>
internal sealed partial class LogTail : IAsyncDisposable
{
    private const int FetchWait = 50;

    private readonly LogTopic _topic;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly TailRests _rests;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LogTail(LogTopic topic, KafkaClients clients, TimeProvider time)
    {
        _topic = topic;
        _consumer = clients.CreateConsumer(config =>
        {
            Configure(config);

            // A partition that wakes is not part of the fetch under way, which the broker keeps this long when other partitions bring nothing.
            config.FetchWaitMaxMs = Math.Min(config.FetchWaitMaxMs ?? FetchWait, FetchWait);
        });
        _rests = new TailRests(_consumer, topic, time);
        _thread = new Thread(Run) { IsBackground = true, Name = $"tail of {topic.Name}" };
    }

    /// <summary>Begins to follow, each partition from where its fold stands.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="clients">Makes the consumer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="starts">The first offset that each partition still has.</param>
    public static LogTail Start(LogTopic topic, KafkaClients clients, TimeProvider time, long[] starts)
    {
        var tail = new LogTail(topic, clients, time);
        tail._consumer.Assign(topic.All.Select(partition =>
            new TopicPartitionOffset(topic.Name, partition.Number, Math.Max(partition.StartTail(), starts[partition.Number]))));
        tail._thread.Start();
        return tail;
    }

    /// <summary>Sets what reading an event log needs: no group in fact, the end told, nothing skipped.</summary>
    public static void Configure(ConsumerConfig config)
    {
        config.GroupId = "event-store-tail";
        config.EnablePartitionEof = true;
        config.AutoOffsetReset = AutoOffsetReset.Error;
        config.IsolationLevel = IsolationLevel.ReadUncommitted;
        config.ConsumeResultFields = "none";
    }

    /// <summary>Returns whether an error means that the log is not what it was: truncated, deleted or recreated.</summary>
    public static bool IsLogChanged(ErrorCode code) => code is
        ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange or ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic
        or ErrorCode.Local_UnknownPartition or ErrorCode.Local_LogTruncation;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _ended.Task.ConfigureAwait(false);
        _consumer.Close();
        _consumer.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (Consume() is { } result)
                {
                    Deliver(result);
                    _topic.WaitForRoom(_stopping.Token);
                }

                _rests.WakeDue();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (ConsumeException exception)
            {
                Failed(exception);
            }
            catch (Exception exception)
            {
                // A fault of this library: better to stop than to fold on after a lost step.
                _topic.Stop(FaultReason.External, $"the tail failed: {exception.Message}");
                Log.Broken(_topic.Logger, exception, _topic.Name);
                break;
            }
        }

        _ended.SetResult();
    }

    private ConsumeResult<byte[], byte[]>? Consume() => _rests.IsEmpty ? _consumer.Consume(_stopping.Token) : _consumer.Consume(TailRests.Interval);

    private void Deliver(ConsumeResult<byte[], byte[]> result)
    {
        var partition = _topic.All[result.Partition.Value];

        if (result.IsPartitionEOF)
        {
            partition.TailEnd(result.Offset.Value);
        }
        else
        {
            partition.TailRecord(result.Offset.Value, result.Message.Key, result.Message.Value);

            if (partition.TryRest())
            {
                _rests.Begin(partition);
            }
        }
    }

    private void Failed(ConsumeException exception)
    {
        if (IsLogChanged(exception.Error.Code))
        {
            var reason = $"the log cannot be followed: {exception.Error.Reason}. It was truncated, deleted or recreated while the store was running";

            if (exception.ConsumerRecord is { Partition.Value: >= 0 and var number } && number < _topic.Partitions)
            {
                _topic.All[number].Stop(FaultReason.FrameMissing, reason);
            }
            else
            {
                _topic.Stop(FaultReason.External, reason);
            }
        }
        else
        {
            // librdkafka goes on by itself after everything else.
            Log.Interrupted(_topic.Logger, exception, _topic.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1320, LogLevel.Warning, "Following topic {Topic} was interrupted; it goes on by itself.")]
        public static partial void Interrupted(ILogger logger, Exception exception, string topic);

        [LoggerMessage(1321, LogLevel.Critical, "Following topic {Topic} failed; the event store stops.")]
        public static partial void Broken(ILogger logger, Exception exception, string topic);
    }
}
