using System.Text;
using Confluent.Kafka;
using static System.FormattableString;

namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>Makes the record of a dead letter: key, value and headers as they were, then headers that say where and why.</summary>
internal sealed class DeadLetterWriter(string group, DeadLetterHeaders further, TimeProvider time)
{
    /// <summary>Makes the record.</summary>
    public Message<byte[], byte[]> Write(in GroupRecord record, HandlingFailure failure)
    {
        var original = record.Result.Message;
        var headers = new Headers();

        foreach (var header in original.Headers ?? [])
        {
            headers.Add(header.Key, header.GetValueBytes());
        }

        AddOwn(headers, record, failure);

        if (further.HasFlag(DeadLetterHeaders.Spring))
        {
            ForeignHeaders.AddSpring(headers, group, record.Result, failure.Exception);
        }

        if (further.HasFlag(DeadLetterHeaders.Connect))
        {
            ForeignHeaders.AddConnect(headers, group, record.Result, failure.Exception);
        }

        return new() { Key = original.Key, Value = original.Value, Headers = headers };
    }

    private void AddOwn(Headers headers, in GroupRecord record, HandlingFailure failure)
    {
        var (result, count) = (record.Result, headers.Count);
        Add(DeadLetterFormat.Group, group);
        Add(DeadLetterFormat.Topic, result.Topic);
        Add(DeadLetterFormat.Partition, Invariant($"{result.Partition.Value}"));
        Add(DeadLetterFormat.Offset, Invariant($"{result.Offset.Value}"));
        Add(DeadLetterFormat.Epoch, Invariant($"{record.Partition?.Epoch ?? 0}"));
        Add(DeadLetterFormat.Timestamp, Invariant($"{result.Message.Timestamp.UtcDateTime:O}"));
        Add(DeadLetterFormat.Attempts, Invariant($"{failure.Attempts}"));
        Add(DeadLetterFormat.ExceptionType, failure.Exception.GetType().FullName ?? failure.Exception.GetType().Name);
        Add(DeadLetterFormat.ExceptionMessage, failure.Exception.Message is { Length: > DeadLetterFormat.LongestMessage } longest ? longest[..DeadLetterFormat.LongestMessage] : failure.Exception.Message);
        Add(DeadLetterFormat.Time, Invariant($"{time.GetUtcNow().UtcDateTime:O}"));
        Add(DeadLetterFormat.OriginalHeaders, Invariant($"{count}"));

        if (failure.Index is { } index)
        {
            Add(DeadLetterFormat.Index, Invariant($"{index}"));
        }

        if (record.FirstVersion > 0)
        {
            Add(DeadLetterFormat.Version, Invariant($"{record.FirstVersion + (failure.Index ?? 0)}"));
        }

        void Add(string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
    }
}
