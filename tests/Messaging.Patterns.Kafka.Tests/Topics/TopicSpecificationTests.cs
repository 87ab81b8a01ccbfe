using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Tests.Topics;

public sealed class TopicSpecificationTests
{
    public static TheoryData<string> Invalid => ["", ".", "..", "a b", "a/b", "a:b", "ä", "a\n", new string('a', 250)];

    [Theory]
    [InlineData("a")]
    [InlineData("shop.accounts_v2-test")]
    [InlineData("...")]
    public void A_name_that_Kafka_takes_is_taken(string name) => Assert.Equal(name, new TopicSpecification(name).Name);

    [Fact]
    public void A_name_may_be_as_long_as_Kafka_takes_it() => Assert.Equal(249, new TopicSpecification(new string('a', 249)).Name.Length);

    [Theory]
    [MemberData(nameof(Invalid))]
    public void A_name_that_Kafka_refuses_is_refused_at_once(string name)
    {
        var refused = Assert.Throws<ArgumentException>(nameof(name), () => new TopicSpecification(name));

        Assert.StartsWith($"'{name}' cannot name a topic: expected 1 to 249 letters, digits, '.', '_' and '-'.", refused.Message, StringComparison.Ordinal);
    }
}
