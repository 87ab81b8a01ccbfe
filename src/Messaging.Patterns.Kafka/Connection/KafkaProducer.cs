using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>The producer of the process. Every record that is sent is reported exactly once; a full local queue makes records wait, in order.</summary>
internal sealed partial class KafkaProducer : IAsyncDisposable
{
    // Beyond the time-out of messages, after which the client has reported every record.
    private static readonly TimeSpan FlushMargin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);

    private readonly KafkaClients _clients;
    private readonly ILogger<KafkaProducer> _logger;
    private readonly Lock _gate = new();

    // Records that wait for room. Whoever sends later waits behind them.
    private readonly Queue<Waiting> _waiting = new();

    // The client still counts a record while it reports it, so the last report may come too early to find room.
    private readonly ITimer _look;
    private ProducerClient? _client;
    private Task _replacing = Task.CompletedTask;
    private int _waitingCount;
    private bool _isDisposed;

    public KafkaProducer(KafkaClients clients, ILogger<KafkaProducer> logger, TimeProvider time)
    {
        (_clients, _logger) = (clients, logger);
        _look = time.CreateTimer(_ => SendWaiting(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Makes the client, so that settings which it refuses are known when the process starts.</summary>
    /// <exception cref="MessagingException">It refuses a setting.</exception>
    public void Open() => Current();

    /// <summary>Gets the client, if there is one.</summary>
    internal IProducer<byte[], byte[]>? Producer => Volatile.Read(ref _client)?.Producer;

    /// <summary>Sends a record. What becomes of it is told to the sink, also when it cannot be sent at all.</summary>
    public void Send(TopicPartition target, Message<byte[], byte[]> message, DeliverySink sink)
    {
        if (Volatile.Read(ref _isDisposed))
        {
            Report(new(target, message, sink), new Error(ErrorCode.Local_Destroy), PersistenceStatus.NotPersisted);
        }
        else if (Volatile.Read(ref _waitingCount) > 0 || !TryProduce(target, message, sink, out var refusal))
        {
            Wait(new(target, message, sink));
        }
        else if (refusal is not null)
        {
            Report(new(target, message, sink), refusal, PersistenceStatus.NotPersisted);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            Volatile.Write(ref _isDisposed, true);
        }

        await _look.DisposeAsync().ConfigureAwait(false);
        await _replacing.ConfigureAwait(false);

        if (_client is { } client)
        {
            await Task.Run(() =>
            {
                // Records that still wait then would have to wait for the client's reports once more.
                Flush(client.Producer, FlushMargin, SendWaiting);
                RefuseWaiting();
                Close(client);
            }).ConfigureAwait(false);
        }

        RefuseWaiting();
    }

    /// <summary>Hands a record to the client, and returns whether its queue had room. It may refuse the record all the same; then it makes no report.</summary>
    private bool TryProduce(TopicPartition target, Message<byte[], byte[]> message, DeliverySink sink, out Error? refusal)
    {
        refusal = null;

        if (Current() is not { } client || !client.TryEnter())
        {
            // Replaced since it was looked up, or this process is stopping.
            refusal = new Error(ErrorCode.Local_Destroy);
            return true;
        }

        try
        {
            client.Producer.Produce(target, message, sink.HandlerFor(this));
            return true;
        }
        catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
        catch (KafkaException exception)
        {
            if (exception.Error.IsFatal || exception.Error.Code == ErrorCode.Local_Fatal)
            {
                Replace(client);
            }

            refusal = exception.Error;
            return true;
        }
        finally
        {
            client.Leave();
        }
    }

    /// <summary>Returns the client; none is made any more once this is disposed of, since nobody would close it.</summary>
    private ProducerClient? Current()
    {
        if (Volatile.Read(ref _client) is { } client)
        {
            return client;
        }

        lock (_gate)
        {
            return _client ??= _isDisposed ? null : Create();
        }
    }

    private ProducerClient Create()
    {
        ProducerClient? created = null;
        created = new ProducerClient(_clients.CreateProducer(error =>
        {
            if (error.IsFatal)
            {
                Replace(created);
            }
        }));
        return created;
    }

    private void Wait(Waiting waiting)
    {
        lock (_gate)
        {
            _waiting.Enqueue(waiting);
            Volatile.Write(ref _waitingCount, _waiting.Count);
        }

        // Room may have come before the record stood in line, and then no report would look for it.
        SendWaiting();
    }

    private void SendWaiting()
    {
        List<(Waiting Record, Error Refusal)>? refused = null;

        lock (_gate)
        {
            while (_waiting.TryPeek(out var waiting) && TryProduce(waiting.Target, waiting.Message, waiting.Sink, out var refusal))
            {
                _waiting.Dequeue();

                if (refusal is not null)
                {
                    (refused ??= []).Add((waiting, refusal));
                }
            }

            Volatile.Write(ref _waitingCount, _waiting.Count);

            if (_waiting.Count > 0)
            {
                _look.Change(LookInterval, Timeout.InfiniteTimeSpan);
            }
        }

        // Only now, since a sink may send the next record at once, which comes back here.
        refused?.ForEach(one => Report(one.Record, one.Refusal, PersistenceStatus.NotPersisted));
    }

    private void RefuseWaiting()
    {
        List<Waiting> refused;

        lock (_gate)
        {
            refused = [.. _waiting];
            _waiting.Clear();
            Volatile.Write(ref _waitingCount, 0);
        }

        refused.ForEach(waiting => Report(waiting, new Error(ErrorCode.Local_Destroy), PersistenceStatus.NotPersisted));
    }

    /// <summary>The client reports a record.</summary>
    public void Delivered(DeliverySink sink, DeliveryReport<byte[], byte[]> report)
    {
        Tell(sink, report);

        if (Volatile.Read(ref _waitingCount) > 0)
        {
            SendWaiting();
        }
    }

    private static DeliveryReport<byte[], byte[]> ReportOf(Waiting waiting, Error error, PersistenceStatus status) =>
        new() { TopicPartitionOffsetError = new(waiting.Target, Offset.Unset, error), Message = waiting.Message, Status = status };

    private void Report(Waiting waiting, Error error, PersistenceStatus status) => Tell(waiting.Sink, ReportOf(waiting, error, status));

    // The client would swallow what a sink throws.
    private void Tell(DeliverySink sink, DeliveryReport<byte[], byte[]> report)
    {
        try
        {
            sink.Delivered(report);
        }
        catch (Exception exception)
        {
            Log.SinkFailed(_logger, exception);
        }
    }

    // The old producer reports everything it still holds as failed or uncertain, then goes.
    private void Replace(ProducerClient? old)
    {
        lock (_gate)
        {
            if (!_isDisposed && old is not null && _client == old)
            {
                _client = null;
                _replacing = Task.WhenAll(_replacing, Task.Run(() => Close(old)));
            }
        }
    }

    private void Close(ProducerClient client)
    {
        // What was handed over after the last flush would never be reported.
        client.Close();

        try
        {
            var limit = _clients.MessageTimeout + FlushMargin;

            if (Flush(client.Producer, limit, () => { }) is > 0 and var left)
            {
                Log.NotFlushed(_logger, left, limit);
            }
        }
        finally
        {
            client.Producer.Dispose();
        }
    }

    /// <summary>Waits until everything is reported and nothing waits for room, and returns how many records are not reported.</summary>
    private int Flush(IProducer<byte[], byte[]> producer, TimeSpan limit, Action feed)
    {
        var started = Stopwatch.StartNew();

        try
        {
            do
            {
                feed();

                if (producer.Flush(TimeSpan.FromMilliseconds(100)) == 0 && Volatile.Read(ref _waitingCount) == 0)
                {
                    return 0;
                }
            }
            while (started.Elapsed < limit);

            return producer.Flush(TimeSpan.Zero);
        }
        catch (KafkaException exception)
        {
            Log.FlushFailed(_logger, exception);
            return 0;
        }
    }

    private sealed record Waiting(TopicPartition Target, Message<byte[], byte[]> Message, DeliverySink Sink);

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Critical, "What was to follow a delivery report failed. This is a fault of the library.")]
        public static partial void SinkFailed(ILogger logger, Exception exception);

        [LoggerMessage(1011, LogLevel.Error, "A producer was closed with {Records} records not reported within {Limit}; whether they were stored is not known.")]
        public static partial void NotFlushed(ILogger logger, int records, TimeSpan limit);

        [LoggerMessage(1012, LogLevel.Error, "A producer could not be flushed.")]
        public static partial void FlushFailed(ILogger logger, Exception exception);
    }
}
