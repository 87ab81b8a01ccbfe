using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Tests.Topics;

public sealed class TopicIdentityTests
{
    [Theory]
    [InlineData("c", "t", "c", "t", false)]
    [InlineData("c", "t", "c", "u", true)]
    [InlineData("c", "t", "d", "t", true)]
    [InlineData("", "t", "d", "t", false)]
    [InlineData("c", "", "c", "t", false)]
    [InlineData("c", "", "d", "t", true)]
    [InlineData("", "", "c", "t", false)]
    public void Only_what_is_known_of_both_tells_two_topics_apart(string cluster, string topic, string otherCluster, string otherTopic, bool differs)
    {
        var (one, other) = (new TopicIdentity(cluster, topic), new TopicIdentity(otherCluster, otherTopic));

        Assert.Equal((differs, differs), (one.Differs(other), other.Differs(one)));
    }
}
