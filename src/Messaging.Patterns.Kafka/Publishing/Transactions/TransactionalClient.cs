using System.Diagnostics;
using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing.Transactions;

/// <summary>A client with a transactional id. Its calls block, so each runs on a thread of its own; they come one after another.</summary>
internal sealed class TransactionalClient : IAsyncDisposable
{
    // How long one call blocks before it looks whether it is still wanted; the client goes on meanwhile.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(10);

    private readonly KafkaClients _clients;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly Lazy<Task> _disposed;
    private volatile bool _isFenced;

    public TransactionalClient(KafkaClients clients, TransactionalId id)
    {
        (_clients, Id) = (clients, id);
        _disposed = new(CloseAsync);
        _producer = clients.CreateProducer(error => _isFenced |= IsFencing(error), $"{id}");
    }

    /// <summary>Gets the transactional id.</summary>
    public TransactionalId Id { get; }

    /// <summary>Returns whether an error means that another producer has the transactional id.</summary>
    public static bool IsFencing(Error error) => error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;

    /// <summary>Runs calls to the client.</summary>
    public async Task<T> RunAsync<T>(Func<T> calls)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsValueCreated, this);
        await _turn.WaitAsync(_closing.Token).ConfigureAwait(false);

        try
        {
            return await Task.Factory.StartNew(calls, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes over the transactional id.</summary>
    /// <exception cref="MessagingException">That is not possible, with what to do.</exception>
    public bool Initialize(CancellationToken cancellationToken)
    {
        try
        {
            Repeat(_producer.InitTransactions, Limit, cancellationToken);
            return true;
        }
        catch (KafkaException exception)
        {
            throw TransactionFailure.Explain(Id, exception);
        }
    }

    /// <summary>Commits a mark among the notes, and returns its offset: what lies before it is settled.</summary>
    /// <exception cref="MessagingException">It is not stored, or may not be.</exception>
    public long Mark(CancellationToken cancellationToken)
    {
        DeliveryReport<byte[], byte[]>? stored = null;

        try
        {
            _producer.BeginTransaction();
            _producer.Produce(TransactionNotes.PlaceOf(Id), new() { Key = TransactionNotes.MarkKeyOf(Id), Value = [] }, report => Volatile.Write(ref stored, report));
            Repeat(_producer.CommitTransaction, Limit, cancellationToken);
        }
        catch (KafkaException exception)
        {
            throw TransactionFailure.Explain(Id, exception);
        }

        return Volatile.Read(ref stored) is { Offset: { IsSpecial: false, Value: var offset } } ? offset
            : throw new MessagingException($"Transactional id '{Id}' was taken over, but the client did not tell where its first record is.");
    }

    /// <summary>Sends records and a note in one transaction.</summary>
    public TransactionOutcome Send(IReadOnlyList<Message<byte[], byte[]>> messages, IReadOnlyList<string> topics, byte[] note)
    {
        var blamed = new BlamedRecords(topics);

        try
        {
            return TrySend(messages, topics, note, blamed);
        }
        catch (Exception exception) when (exception is KafkaException or OperationCanceledException)
        {
            return TransactionFailure.OutcomeOf(exception, _isFenced);
        }
    }

    public ValueTask DisposeAsync() => new(_disposed.Value);

    // After the time-out of messages the client has reported every record.
    private TimeSpan Limit => _clients.MessageTimeout * 1.5;

    private async Task CloseAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        await Task.Factory.StartNew(_producer.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        _closing.Dispose();
        _turn.Dispose();
    }

    private TransactionOutcome TrySend(IReadOnlyList<Message<byte[], byte[]>> messages, IReadOnlyList<string> topics, byte[] note, BlamedRecords blamed)
    {
        _producer.BeginTransaction();

        try
        {
            for (var place = 0; place < messages.Count && blamed.IsEmpty; place++)
            {
                Produce(new(topics[place], Partition.Any), messages[place], blamed, place);
            }

            Produce(TransactionNotes.PlaceOf(Id), new() { Key = TransactionNotes.KeyOf(Id), Value = note }, blamed, place: null);

            if (blamed.IsEmpty)
            {
                Repeat(_producer.CommitTransaction, Limit, CancellationToken.None);
                return new(TransactionStatus.Committed);
            }
        }
        catch (KafkaTxnRequiresAbortException exception)
        {
            blamed.Reason = exception.Error.Reason;
        }
        catch (KafkaException exception) when (!exception.Error.IsFatal && exception.Error.Code is ErrorCode.Local_State or ErrorCode.Local_Conflict)
        {
            // A record failed while others were handed over: the client takes no more.
            blamed.Reason = exception.Error.Reason;
        }

        // A record of a transaction that failed may be stored like the others: aborted, none of them is seen. After that the client counts its records wrongly as far
        // as brokers are concerned (librdkafka 2.15: "skipped sequence numbers"), so it is good for nothing more.
        Repeat(_producer.AbortTransaction, Limit, CancellationToken.None);
        return new(TransactionStatus.Aborted, blamed.Reason) { Blamed = blamed.Take() };
    }

    private void Produce(TopicPartition target, Message<byte[], byte[]> message, BlamedRecords blamed, int? place)
    {
        while (true)
        {
            try
            {
                _producer.Produce(target, message, report => blamed.Delivered(report, place));
                return;
            }
            catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                _closing.Token.WaitHandle.WaitOne(QueueFullPause);
                _closing.Token.ThrowIfCancellationRequested();
            }
            catch (ProduceException<byte[], byte[]> exception) when (place is { } one && exception.Error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.Local_InvalidArg)
            {
                blamed.Refused(exception.Error, one, message.Value?.Length ?? 0);
                return;
            }
        }
    }

    // A call whose time is up goes on in the client; the next one waits for the same.
    private void Repeat(Action<TimeSpan> call, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (var started = Stopwatch.StartNew(); ;)
        {
            try
            {
                call(Slice);
                return;
            }
            catch (KafkaRetriableException) when (started.Elapsed < limit)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _closing.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
