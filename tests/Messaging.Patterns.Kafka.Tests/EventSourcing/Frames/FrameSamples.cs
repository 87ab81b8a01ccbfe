using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

/// <summary>Appends of every kind, always the same.</summary>
internal static class FrameSamples
{
    public const int Partitions = 12;

    public static readonly StreamId Account = new("account", "42");
    public static readonly AppendId Id = AppendId.From("0198c5a0-7b1c-7000-8000-0123456789ab");

    private static readonly ManualClock Clock = new();

    public static EventCodec Codec { get; } = new(new EventTypeOptions { Types = { typeof(AccountOpened), typeof(AccountCharged) } });

    public static CloudEventsFrameWriter Writer { get; } = new(Codec, Clock);

    public static BinaryFrameWriter BinaryWriter { get; } = new(Codec, Clock);

    public static EventData Opened { get; } = new(new AccountOpened("Ada"));

    public static EventData Charged { get; } = new(new AccountCharged(12.50m, "books"));

    public static PreparedFrame Prepare(params EventData[] events) => Writer.Prepare(Account, Id, Partitions, events);

    public static IFrameBytes Prepare(LogLayout layout, params EventData[] events) => WriterOf(layout).Prepare(Account, Id, Partitions, events);

    public static IFrameBytes PrepareBarrier(LogLayout layout) => WriterOf(layout).PrepareBarrier(Id, "/accounts", Partitions, Clock.GetUtcNow());

    public static IFrameWriter WriterOf(LogLayout layout) => layout == LogLayout.Binary ? BinaryWriter : Writer;

    public static PreparedFrame PrepareBarrier() => CloudEventsFrameWriter.PrepareBarrier(Id, "/accounts", Partitions, Clock.GetUtcNow());

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Reads the events of a frame.</summary>
    public static List<RecordedEvent> ReadEvents(byte[] frame, long lastVersion = 1, bool isRaw = true, EventCodec? codec = null)
    {
        var events = new List<RecordedEvent>();
        new FrameEvents(codec ?? Codec).Read(new(Account, Position.At("accounts:3", 78), new(Account.ToString(), 77, lastVersion, frame), isRaw), events);
        return events;
    }

    /// <summary>Prepares while a trace is under way.</summary>
    public static IFrameBytes PrepareTraced(LogLayout layout, params EventData[] events)
    {
        using var activity = new Activity("append").SetIdFormat(ActivityIdFormat.W3C);
        activity.SetParentId(ActivityTraceId.CreateFromString("4bf92f3577b34da6a3ce929d0e0e4736"), ActivitySpanId.CreateFromString("00f067aa0ba902b7"), ActivityTraceFlags.Recorded);
        activity.TraceStateString = "vendor=opaque";
        activity.Start();
        return Prepare(layout, events);
    }

    /// <summary>Puts a fixed span in the place of the one that was drawn at random.</summary>
    public static string FixSpan(string frame) => Regex.Replace(frame, "(?<=4bf92f3577b34da6a3ce929d0e0e4736-?)[0-9a-f]{16}", "00f067aa0ba902b8");
}

[EventType("account-opened")]
internal sealed record AccountOpened(string Owner);

[EventType("account-charged")]
internal sealed record AccountCharged(decimal Amount, string Purpose);
