using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using static System.FormattableString;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>The records of a retry topic, public as documented in <c>docs/formats.md</c>: the original ones, and what is said of them, in headers whose values are text in UTF-8.</summary>
internal static class RedirectFormat
{
    private const string Record = "redirect-record";
    private const string Version = "redirect-version";
    private const string Claim = "redirect-claim";
    private const string Epoch = "redirect-epoch";
    private const string Previous = "redirect-previous";
    private const string Low = "redirect-low";
    private const string From = "redirect-from";
    private const string UpTo = "redirect-up-to";
    private const string Offset = "redirect-offset";
    private const string Index = "redirect-index";
    private const string StreamVersion = "redirect-stream-version";
    private const string Timestamp = "redirect-timestamp";

    // How many headers the record had, which stand before ours, so that exactly they are brought back even if some have our names.
    private const string OriginalHeaders = "redirect-original-headers";

    private const string ClaimKind = "claim";
    private const string RedirectedKind = "redirected";
    private const string ReleasedKind = "released";
    private const string ThisVersion = "1";

    public static Message<byte[], byte[]> Write(RetryEntry.Claim claim) => new()
    {
        Headers = Add([], ClaimKind, (Previous, Invariant($"{claim.Previous}")), (Low, Invariant($"{claim.Low}")), (Epoch, Invariant($"{claim.Epoch}")), (From, Invariant($"{claim.From}"))),
    };

    public static Message<byte[], byte[]> Write(RetryEntry.Released released) => new()
    {
        Key = released.Key.Bytes!,
        Headers = Add([], ReleasedKind, (Claim, Invariant($"{released.Owner}")), (UpTo, Invariant($"{released.UpTo}"))),
    };

    /// <summary>Writes a redirected record: key, value and headers as they were, then ours.</summary>
    /// <param name="owner">The offset of the writer's claim.</param>
    /// <param name="epoch">The rewind epoch.</param>
    /// <param name="record">The record.</param>
    public static Message<byte[], byte[]> Write(long owner, long epoch, in GroupRecord record)
    {
        var original = record.Result.Message;
        Headers headers = [.. original.Headers ?? []];
        var count = headers.Count;
        Add(
            headers,
            RedirectedKind,
            (Claim, Invariant($"{owner}")),
            (Epoch, Invariant($"{epoch}")),
            (Offset, Invariant($"{record.Result.Offset.Value}")),
            (Index, Invariant($"{record.Progress?.From ?? 0}")),
            (StreamVersion, Invariant($"{record.FirstVersion}")),
            (Timestamp, Invariant($"{original.Timestamp.UtcDateTime:O}")),
            (OriginalHeaders, Invariant($"{count}")));
        return new() { Key = original.Key, Value = original.Value, Headers = headers };
    }

    /// <summary>Reads what a record says.</summary>
    /// <exception cref="FormatException">It is none of a retry topic, or one of a newer version of the library.</exception>
    public static RetryEntry Read(ConsumeResult<byte[], byte[]> record)
    {
        var headers = record.Message.Headers;
        var (kind, version) = (TextHeaders.Find(headers, Record), TextHeaders.Find(headers, Version));

        if (version != ThisVersion)
        {
            throw new FormatException($"its header '{Version}' is '{version}', expected '{ThisVersion}'");
        }

        return kind switch
        {
            ClaimKind => new RetryEntry.Claim(Require(headers, Previous), Require(headers, Low), Require(headers, Epoch), Require(headers, From)),
            RedirectedKind => new RetryEntry.Redirected(Require(headers, Claim), new RecordKey(record.Message.Key), Require(headers, Offset)),
            ReleasedKind => new RetryEntry.Released(Require(headers, Claim), new RecordKey(record.Message.Key), Require(headers, UpTo)),
            _ => throw new FormatException($"its header '{Record}' is '{kind}', expected '{ClaimKind}', '{RedirectedKind}' or '{ReleasedKind}'"),
        };
    }

    /// <summary>Brings back a redirected record as it was in the source partition.</summary>
    /// <param name="record">The record.</param>
    /// <param name="source">The source partition.</param>
    /// <returns>The record; the place of the first of its events that is not handled; and, if it is a frame, the version of its first event, else 0.</returns>
    /// <exception cref="FormatException">It is no redirected record.</exception>
    public static (ConsumeResult<byte[], byte[]> Original, int From, long FirstVersion) Restore(ConsumeResult<byte[], byte[]> record, TopicPartition source)
    {
        if (Read(record) is not RetryEntry.Redirected entry)
        {
            throw new FormatException($"it is not a redirected record");
        }

        var headers = record.Message.Headers;
        Headers original = [.. headers.Take((int)Require(headers, OriginalHeaders))];
        var time = TextHeaders.FindTime(headers, Timestamp) ?? throw Missing(Timestamp);
        return (
            new()
            {
                TopicPartitionOffset = new(source, entry.Source),
                Message = new() { Key = record.Message.Key, Value = record.Message.Value, Headers = original, Timestamp = new Timestamp(time) },
            },
            (int)Require(headers, Index),
            Require(headers, StreamVersion));
    }

    private static long Require(Headers headers, string name) => TextHeaders.FindNumber(headers, name) ?? throw Missing(name);

    private static FormatException Missing(string name) => new($"its header '{name}' is missing, or is not what it should be");

    private static Headers Add(Headers headers, string kind, params ReadOnlySpan<(string Name, string Value)> own)
    {
        headers.Add(Record, Encoding.UTF8.GetBytes(kind));
        headers.Add(Version, Encoding.UTF8.GetBytes(ThisVersion));

        foreach (var (name, value) in own)
        {
            headers.Add(name, Encoding.UTF8.GetBytes(value));
        }

        return headers;
    }
}
