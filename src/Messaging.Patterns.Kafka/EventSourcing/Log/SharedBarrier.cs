using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Writes barriers to a partition, one at a time. Those who ask while one is under way share the next one, which is sent after all of them asked.</summary>
/// <remarks>
/// The log orders a barrier behind everything that was acknowledged before it was sent, and only the partition's true leader gets it acknowledged by the copies
/// in sync. One whose outcome is not known is sent again: barriers change nothing, so a second copy does no harm.
/// </remarks>
internal sealed partial class SharedBarrier : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly LogTopic _topic;
    private readonly LogPartition _partition;
    private readonly LogTopicContext _context;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private BarrierRound? _next;
    private bool _isRunning;

    public SharedBarrier(LogTopic topic, LogPartition partition, LogTopicContext context)
    {
        (_topic, _partition, _context) = (topic, partition, context);
        _stopped = _stopping.Token;
    }

    /// <summary>Writes a barrier, after this call, and returns the offset after it.</summary>
    /// <exception cref="MessagingException">The process may not write to the topic, or the brokers refuse the barrier for good.</exception>
    public Task<long> WriteAsync(CancellationToken cancellationToken)
    {
        BarrierRound round;

        lock (_gate)
        {
            round = _next ??= new BarrierRound();
            round.Join();

            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(RunAsync, CancellationToken.None);
            }
        }

        return round.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (Take() is { } round)
        {
            try
            {
                round.Complete(await SendAsync(round).ConfigureAwait(false));
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                round.Fail(new EventStoreStoppedException("this process is stopping"));
            }
            catch (Exception exception)
            {
                round.Fail(exception);
            }
        }
    }

    private BarrierRound? Take()
    {
        lock (_gate)
        {
            var taken = _next;
            _next = null;
            _isRunning = taken is not null;
            return taken;
        }
    }

    private async Task<long> SendAsync(BarrierRound round)
    {
        var header = _partition.BeginBarrier(AppendId.New(_context.Time));
        var frame = _context.Frames.PrepareBarrier(header.AppendId, $"/{_topic.Name}", header.Partitions, _context.Time.GetUtcNow());
        var value = frame.Build(header.FirstVersion, header.Base);

        while (true)
        {
            var report = new BarrierReport();
            _context.Producer.Send(_partition.Place, _context.RecordOf(Barrier.Key, value), report);
            var reported = await report.Reported.WaitAsync(_stopped).ConfigureAwait(false);

            if (!reported.Error.IsError && reported.Offset.Value >= 0)
            {
                _partition.BarrierAcknowledged(header, reported.Offset.Value);
                return reported.Offset.Value + 1;
            }

            if (AttemptReport.IsFinal(reported.Error.Code))
            {
                throw Refused(reported.Error);
            }

            if (round.IsAbandoned)
            {
                throw new OperationCanceledException("Nobody waits for the barrier any more.");
            }

            // An acknowledgement without an offset comes here, too: where the barrier lies must be known.
            Log.NotWritten(_topic.Logger, _topic.Name, _partition.Number, reported.Error.Reason);
            await Task.Delay(Pause, _context.Time, _stopped).ConfigureAwait(false);
        }
    }

    private MessagingException Refused(Error error) => new(
        $"A barrier cannot be written to topic '{_topic.Name}', partition {_partition.Number}: {error.Reason}. Linearizable reads need the right to write to the topic "
        + $"(ACL operation WRITE), also in a process that only reads; without it, read {nameof(ReadConsistency.Strong)}.",
        new KafkaException(error));

    private static partial class Log
    {
        [LoggerMessage(1303, LogLevel.Warning, "A barrier could not be written to topic {Topic}, partition {Partition}; it is tried again: {Reason}.")]
        public static partial void NotWritten(ILogger logger, string topic, int partition, string reason);
    }
}
