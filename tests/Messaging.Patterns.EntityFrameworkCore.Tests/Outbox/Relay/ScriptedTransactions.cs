using System.Text;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>A broker in memory that keeps transactional ids, and does with a transaction what a test says.</summary>
internal sealed class ScriptedTransactions : IRecordTransactions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _epochs = [];
    private readonly Dictionary<string, byte[]> _notes = [];
    private readonly List<string> _stored = [];
    private readonly List<int> _sizes = [];

    /// <summary>Gets or sets what becomes of a transaction with these texts.</summary>
    public Func<IReadOnlyList<string>, TransactionOutcome> Answer { get; set; } = _ => new(TransactionStatus.Committed);

    /// <summary>Gets or sets whether a transaction is committed although the answer is that nobody knows.</summary>
    public bool CommitsUnanswered { get; set; }

    /// <summary>Gets or sets why ids cannot be taken over; <see langword="null"/> if they can.</summary>
    public string? Refusal { get; set; }

    /// <summary>Gets the texts of the records that are committed, in their order.</summary>
    public IReadOnlyList<string> Stored
    {
        get
        {
            lock (_gate)
            {
                return [.. _stored];
            }
        }
    }

    /// <summary>Gets how many records the committed transactions had.</summary>
    public IReadOnlyList<int> Sizes
    {
        get
        {
            lock (_gate)
            {
                return [.. _sizes];
            }
        }
    }

    /// <summary>Gets the ids that were taken over.</summary>
    public IReadOnlyCollection<string> Ids
    {
        get
        {
            lock (_gate)
            {
                return [.. _epochs.Keys];
            }
        }
    }

    public Task<ITransactionalRecordProducer> OpenAsync(TransactionalId id, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var epoch = _epochs[$"{id}"] = _epochs.GetValueOrDefault($"{id}") + 1;
            return Refusal is { } refusal
                ? throw new MessagingException(refusal)
                : Task.FromResult<ITransactionalRecordProducer>(new Producer(this, $"{id}", epoch, _notes.GetValueOrDefault($"{id}")));
        }
    }

    private TransactionOutcome Send(string id, int epoch, IReadOnlyList<OutgoingRecord> records, ReadOnlyMemory<byte> note)
    {
        lock (_gate)
        {
            if (_epochs[id] != epoch)
            {
                return new(TransactionStatus.Fenced, "fenced");
            }

            var texts = records.Select(record => Encoding.UTF8.GetString(record.Value!.Value.Span)).ToList();
            var outcome = Answer(texts);

            if (outcome.Status == TransactionStatus.Committed || (outcome.Status == TransactionStatus.Unknown && CommitsUnanswered))
            {
                _stored.AddRange(texts);
                _sizes.Add(texts.Count);
                _notes[id] = note.ToArray();
            }

            return outcome;
        }
    }

    private sealed class Producer(ScriptedTransactions broker, string id, int epoch, byte[]? lastNote) : ITransactionalRecordProducer
    {
        public ReadOnlyMemory<byte>? LastNote { get; } = lastNote is null ? null : (ReadOnlyMemory<byte>?)lastNote;

        // Not on the caller's thread, as a real one.
        public Task<TransactionOutcome> SendAsync(IReadOnlyList<OutgoingRecord> records, ReadOnlyMemory<byte> note, CancellationToken cancellationToken = default) =>
            Task.Run(() => broker.Send(id, epoch, records, note), cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
