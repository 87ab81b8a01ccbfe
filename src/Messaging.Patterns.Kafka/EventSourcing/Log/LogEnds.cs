using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.Kafka.Connection;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Asks the brokers where partitions end. Requests made while one is under way share the next one, which begins after all of them.</summary>
internal sealed partial class LogEnds : IAsyncDisposable
{
    // Those who ask later wait for the answer to the question before: one that a broker took along when it went away must not hold them up for long.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);

    private readonly AdminSource _admin;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly string _topic;
    private readonly int _partitions;
    private readonly LogTopicContext _context;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private List<(int Partition, Action<long> Answer)> _waiting = [];
    private Task _running = Task.CompletedTask;

    public LogEnds(string topic, int partitions, LogTopicContext context)
    {
        (_admin, _topic, _partitions, _context) = (new(context.Clients, context.Time), topic, partitions, context);
        _stopped = _stopping.Token;
    }

    /// <summary>Asks for a partition's end, starting now; answers when a broker has said it.</summary>
    public void Query(int partition, Action<long> answer)
    {
        lock (_gate)
        {
            _waiting.Add((partition, answer));

            if (_running.IsCompleted)
            {
                _running = Task.Run(RunAsync);
            }
        }
    }

    /// <summary>Returns a partition's end at some moment after this call.</summary>
    public async Task<long> QueryAsync(int partition, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Query(partition, end => answer.TrySetResult(end));
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the begin or end of every partition.</summary>
    public async Task<long[]> ListAsync(OffsetSpec which, CancellationToken cancellationToken)
    {
        var wanted = Enumerable.Range(0, _partitions).Select(number => new TopicPartitionOffsetSpec { TopicPartition = new(_topic, number), OffsetSpec = which });
        var offsets = new long[_partitions];

        foreach (var result in await ListAsync(wanted, cancellationToken).ConfigureAwait(false))
        {
            offsets[result.Partition.Value] = result.Offset.Value;
        }

        return offsets;
    }

    public async ValueTask DisposeAsync()
    {
        Task running;

        lock (_gate)
        {
            running = _running;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _admin.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } asked)
        {
            var wanted = asked.Select(question => question.Partition).Distinct()
                .Select(number => new TopicPartitionOffsetSpec { TopicPartition = new(_topic, number), OffsetSpec = OffsetSpec.Latest() });

            try
            {
                var ends = (await ListAsync(wanted, _stopped).ConfigureAwait(false)).ToDictionary(end => end.Partition.Value, end => end.Offset.Value);
                asked.ForEach(question => question.Answer(ends[question.Partition]));
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Those who asked wait up to limits of their own; those who ask later must get answers.
                Log.Failed(_context.Logger, exception, _topic);
            }
        }
    }

    private List<(int Partition, Action<long> Answer)> Take()
    {
        lock (_gate)
        {
            var taken = _waiting;
            _waiting = [];

            if (taken.Count == 0)
            {
                _running = Task.CompletedTask;
            }

            return taken;
        }
    }

    private async Task<IEnumerable<TopicPartitionOffsetError>> ListAsync(IEnumerable<TopicPartitionOffsetSpec> wanted, CancellationToken cancellationToken)
    {
        var specs = wanted.ToList();
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();

                if (await TryListAsync(specs, cancellationToken).ConfigureAwait(false) is { } answers)
                {
                    return answers;
                }

                // The brokers are away or choose a leader: whoever asked waits, up to a limit of its own. The next question goes out on another client, since
                // this one remembers for minutes who led a partition.
                _admin.Renew();
                await Task.Delay(TimeSpan.FromMilliseconds(200), _context.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<List<TopicPartitionOffsetError>?> TryListAsync(List<TopicPartitionOffsetSpec> specs, CancellationToken cancellationToken)
    {
        try
        {
            var options = new ListOffsetsOptions { RequestTimeout = RequestTimeout };
            var result = await _admin.AskAsync(admin => admin.ListOffsetsAsync(specs, options), cancellationToken).ConfigureAwait(false);
            var answers = result.ResultInfos.ConvertAll(info => info.TopicPartitionOffsetError);

            // A request that was lost with its connection comes back as a success, for partitions without an offset.
            if (answers.Count == specs.Count && answers.TrueForAll(answer => !answer.Error.IsError && answer.Offset.Value >= 0))
            {
                return answers;
            }

            Log.NotAnswered(_context.Logger, null, _topic);
        }
        catch (KafkaException exception)
        {
            Log.NotAnswered(_context.Logger, exception, _topic);
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1330, LogLevel.Debug, "The ends of topic {Topic} could not be asked for; it is tried again.")]
        public static partial void NotAnswered(ILogger logger, Exception? exception, string topic);

        [LoggerMessage(1332, LogLevel.Error, "An answer about the ends of topic {Topic} was lost. This is a fault of the library.")]
        public static partial void Failed(ILogger logger, Exception exception, string topic);
    }
}
