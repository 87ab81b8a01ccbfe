using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.ContractTests.EventSourcing;

/// <summary>Appending what cannot be appended: a clear error, and nothing written.</summary>
[ContractOf(typeof(IEventWriter))]
public abstract class BadAppendContract(Instances instances) : EventStoreContract(instances)
{
    [Fact]
    public async Task Null_and_nothing_are_refused()
    {
        var stream = NewStream();

        await Assert.ThrowsAsync<ArgumentNullException>("stream", () => AppendAsync(null!, ExpectedVersion.Any, Charges(1)).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>("events", () => AppendAsync(stream, ExpectedVersion.Any, null!).AsTask());
        await Assert.ThrowsAsync<ArgumentException>("events", () => AppendAsync(stream, ExpectedVersion.Any).AsTask());
        await Assert.ThrowsAsync<ArgumentException>("events", () => AppendAsync(stream, ExpectedVersion.Any, new(new Charged(1)), null!).AsTask());
        await AssertEmptyAsync(stream);
    }

    [Fact]
    public async Task An_unregistered_type_is_refused_by_name()
    {
        var stream = NewStream();

        var exception = await Assert.ThrowsAsync<UnknownEventTypeException>(() => AppendAsync(stream, ExpectedVersion.Any, new EventData(new Unregistered(1))).AsTask());

        Assert.Equal((typeof(Unregistered).FullName, false), (exception.Type, exception.IsTransient));
        await AssertEmptyAsync(stream);
    }

    [Fact]
    public async Task A_payload_that_cannot_be_written_is_refused()
    {
        var stream = NewStream();

        await Assert.ThrowsAsync<EventSerializationException>(() => AppendAsync(stream, ExpectedVersion.Any, new EventData(new Unwritable(1))).AsTask());

        await AssertEmptyAsync(stream);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("text")]
    public async Task A_raw_event_that_says_json_must_be_json(string data)
    {
        var stream = NewStream();
        var raw = new RawEvent("raw", System.Text.Encoding.UTF8.GetBytes(data));

        await Assert.ThrowsAsync<EventSerializationException>(() => AppendAsync(stream, ExpectedVersion.Any, new EventData(raw)).AsTask());

        await AssertEmptyAsync(stream);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abcdefghijklmnopqrstu")]
    [InlineData("Upper")]
    [InlineData("with_underscore")]
    [InlineData("ümlaut")]
    [InlineData("id")]
    [InlineData("source")]
    [InlineData("specversion")]
    [InlineData("type")]
    [InlineData("subject")]
    [InlineData("time")]
    [InlineData("data")]
    [InlineData("datacontenttype")]
    [InlineData("dataschema")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("streamversion")]
    [InlineData("appendid")]
    [InlineData("logversion")]
    [InlineData("logbase")]
    [InlineData("logpartitions")]
    public async Task Metadata_with_a_name_that_is_invalid_or_taken_is_refused(string name)
    {
        var stream = NewStream();
        var data = new EventData(new Charged(1)) { Metadata = new Dictionary<string, string> { [name] = "value" } };

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => AppendAsync(stream, ExpectedVersion.Any, new(new Charged(2)), data).AsTask());

        Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
        await AssertEmptyAsync(stream);
    }

    [Fact]
    public async Task An_append_that_is_cancelled_before_it_begins_writes_nothing()
    {
        var stream = NewStream();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.AppendAsync(stream, ExpectedVersion.Any, Charges(1), cancellationToken: new CancellationToken(canceled: true)).AsTask());

        await AssertEmptyAsync(stream);
    }
}
