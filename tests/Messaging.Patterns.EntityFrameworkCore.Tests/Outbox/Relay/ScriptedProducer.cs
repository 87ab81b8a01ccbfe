using System.Text;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>A broker in memory that answers as a test says.</summary>
internal sealed class ScriptedProducer : IRecordProducer
{
    private readonly Lock _gate = new();
    private readonly List<string> _stored = [];
    private readonly List<OutgoingRecord> _records = [];

    /// <summary>Gets or sets what becomes of a record with this text; <see langword="null"/> for no answer at all.</summary>
    public Func<string, RecordStatus?> Answer { get; set; } = _ => RecordStatus.Acknowledged;

    /// <summary>Gets the texts of the records that are stored, in their order.</summary>
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

    /// <summary>Gets the records that are stored, in their order.</summary>
    public IReadOnlyList<OutgoingRecord> Records
    {
        get
        {
            lock (_gate)
            {
                return [.. _records];
            }
        }
    }

    public void Send(OutgoingRecord record, Action<RecordOutcome> completed)
    {
        var text = record.Value is { } value ? Encoding.UTF8.GetString(value.Span) : $"{Encoding.UTF8.GetString(record.Key!.Value.Span)}:gone";

        if (Answer(text) is not { } status)
        {
            return;
        }

        if (status == RecordStatus.Acknowledged)
        {
            lock (_gate)
            {
                _stored.Add(text);
                _records.Add(record);
            }
        }

        // Not on the caller's thread, as a real one mostly does.
        ThreadPool.QueueUserWorkItem(_ => completed(new(status, status == RecordStatus.Acknowledged ? null : $"topic '{record.Topic}': scripted")));
    }
}
