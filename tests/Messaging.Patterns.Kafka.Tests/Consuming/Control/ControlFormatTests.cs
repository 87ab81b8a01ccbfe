using System.Text;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control;

/// <summary>The records of the control topic as they were written first. The file is never changed.</summary>
public sealed class ControlFormatTests
{
    private static readonly ControlledPartition Partition = new("balances", "accounts", 3);

    private static readonly ControlEntry[] Entries =
    [
        new ControlEntry.Rewind("0198f1", 12, 1043, 2000, new DateTimeOffset(2026, 11, 28, 14, 0, 0, TimeSpan.Zero)),
        new ControlEntry.Pause("0198f2", IsPaused: true),
        new ControlEntry.Skip("0198f3", 1043),
        new ControlEntry.Acknowledgement(57, 41, 2000),
    ];

    private static readonly string[] Golden = File.ReadAllLines(
        Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests", "Consuming", "Control", "Golden", "control-topic.txt"));

    private static readonly ControlEntry.Report Report = new(
        "host:17:ab12",
        "no more patience",
        1043,
        2,
        [
            new()
            {
                Group = "balances",
                Topic = "accounts",
                Partition = 3,
                Offset = 1043,
                Key = "account-42"u8.ToArray(),
                Since = new DateTimeOffset(2026, 11, 28, 14, 0, 0, TimeSpan.Zero),
                Attempts = 3,
                NextAttempt = new DateTimeOffset(2026, 11, 28, 14, 1, 0, TimeSpan.Zero),
                Events = 7,
                ExceptionType = "System.InvalidOperationException",
                ExceptionMessage = "no",
            },
        ]);

    [Fact]
    public void A_report_is_written_as_it_was_first_and_read_as_it_was_written()
    {
        var golden = File.ReadAllLines(Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests", "Consuming", "Control", "Golden", "control-report.txt"));
        Assert.Equal(golden, new[] { Text(ControlFormat.WriteKey(Partition, Report)), Text(ControlFormat.WriteValue(Report)) });

        var (partition, read) = ControlFormat.Read(Bytes(golden[0]), Bytes(golden[1]))!.Value;

        Assert.Equal(Partition, partition);
        Assert.Equal(golden[1], Text(ControlFormat.WriteValue(read)));
        var parked = Assert.Single(((ControlEntry.Report)read).Parked);
        Assert.Equal(("balances", "accounts", 3, "account-42"), (parked.Group, parked.Topic, parked.Partition, Text(parked.Key.ToArray())));
    }

    [Fact]
    public void A_partition_that_was_given_up_is_told_as_such()
    {
        var given = new ControlEntry.Report(null, null, null, 0, []);

        var read = (ControlEntry.Report)ControlFormat.Read(ControlFormat.WriteKey(Partition, given), ControlFormat.WriteValue(given))!.Value.Entry;

        Assert.Equal((null, null, null, 0), (read.Owner, read.Stopped, read.StoppedAt, read.ParkedKeys));
        Assert.Empty(read.Parked);
    }

    [Fact]
    public void Every_record_is_written_as_it_was_first() => Assert.Equal(
        Golden,
        new[] { Text(ControlFormat.First.Key), Text(ControlFormat.First.Value) }
            .Concat(Entries.SelectMany(entry => new[] { Text(ControlFormat.WriteKey(Partition, entry)), Text(ControlFormat.WriteValue(entry)) })));

    [Fact]
    public void Every_record_is_read_as_it_was_written()
    {
        var read = Golden.Chunk(2).Select(record => ControlFormat.Read(Bytes(record[0]), Bytes(record[1]))).ToList();

        Assert.Null(read[0]);
        Assert.Equal(Entries.Select(entry => (Partition, entry)), read.Skip(1).Select(record => record!.Value));
    }

    // The simulation is too short for what would follow: that a former owner's acknowledgement comes late, replaces a newer one, and a newcomer rewinds again.
    [Fact]
    public void An_acknowledgement_that_comes_late_replaces_no_newer_one() => Assert.NotEqual(
        ControlFormat.WriteKey(Partition, new ControlEntry.Acknowledgement(57, 41, 2000)), ControlFormat.WriteKey(Partition, new ControlEntry.Acknowledgement(60, 60, 2000)));

    [Fact]
    public void A_record_that_forgets_its_key_says_nothing() => Assert.Null(ControlFormat.Read("[\"skip\",\"g\",\"t\",0,1]"u8.ToArray(), null));

    [Theory]
    [InlineData("[\"format\"]", "{\"version\":2}")]
    [InlineData("[\"merge\",\"g\",\"t\",0]", "{}")]
    [InlineData("[\"rewind\",\"g\",\"t\",0]", "{\"operation\":\"1\"}")]
    [InlineData("[\"rewind\",\"g\",\"t\"]", "{}")]
    [InlineData("hello", "{}")]
    [InlineData("[\"pause\",\"g\",\"t\",0]", "hello")]
    [InlineData(null, null)]
    public void What_is_not_known_is_named_and_not_passed_over(string? key, string? value)
    {
        var exception = Assert.Throws<FormatException>(() => ControlFormat.Read(key is null ? null : Bytes(key), value is null ? null : Bytes(value)));

        Assert.Contains(key ?? "''", exception.Message, StringComparison.Ordinal);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
