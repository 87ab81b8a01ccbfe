using Messaging.Patterns.CloudEvents;

namespace Messaging.Patterns.Tests.CloudEvents;

public sealed class CloudEventAttributesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("7")]
    [InlineData("correlationid")]
    [InlineData("abcdefghij0123456789")]
    public void A_name_of_lower_case_letters_and_digits_is_taken(string name) => CloudEventAttributes.ThrowIfInvalid(name);

    [Theory]
    [InlineData("")]
    [InlineData("correlationId")]
    [InlineData("correlation-id")]
    [InlineData("correlation_id")]
    [InlineData("ä")]
    [InlineData(" ")]
    [InlineData("abcdefghij01234567890")]
    public void Any_other_name_is_refused(string name) => Assert.StartsWith(
        $"'{name}' cannot name metadata: expected 1 to 20 lower-case letters and digits, the form of CloudEvents extension attributes.",
        Assert.Throws<ArgumentException>(nameof(name), () => CloudEventAttributes.ThrowIfInvalid(name)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("specversion")]
    [InlineData("id")]
    [InlineData("source")]
    [InlineData("type")]
    [InlineData("subject")]
    [InlineData("time")]
    [InlineData("datacontenttype")]
    [InlineData("dataschema")]
    [InlineData("data")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    public void A_name_of_CloudEvents_is_taken_already(string name) => AssertTaken(name, isReserved: false);

    [Fact]
    public void A_name_that_the_store_uses_is_taken_already() => AssertTaken("streamversion", isReserved: true);

    private static void AssertTaken(string name, bool isReserved) => Assert.StartsWith(
        $"'{name}' cannot name metadata: the name is taken by CloudEvents or by this library.",
        Assert.Throws<ArgumentException>(nameof(name), () => CloudEventAttributes.ThrowIfInvalid(name, isReserved)).Message,
        StringComparison.Ordinal);
}
