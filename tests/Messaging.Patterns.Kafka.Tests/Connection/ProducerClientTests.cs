using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Tests.Connection;

public sealed class ProducerClientTests
{
    [Fact]
    public async Task A_client_is_closed_when_the_last_who_hands_over_a_record_has_left()
    {
        var client = new ProducerClient(null!);
        Assert.True(client.TryEnter());
        Assert.True(client.TryEnter());
        client.Leave();
        var closing = Task.Run(client.Close, TestContext.Current.CancellationToken);

        while (client.TryEnter())
        {
            client.Leave();
        }

        Assert.False(closing.IsCompleted);
        client.Leave();
        await closing;
        Assert.False(client.TryEnter());
    }
}
