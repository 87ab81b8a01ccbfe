using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>The admin client of one who asks again and again: another one after a failure, since a client that has taken a broker for the controller that is away stays with it for minutes.</summary>
internal sealed class AdminSource(KafkaClients clients) : IDisposable
{
    private IAdminClient? _client;

    /// <summary>Gets the client.</summary>
    public IAdminClient Client => _client ??= clients.CreateAdmin();

    /// <summary>The client failed: the next request goes out on another one.</summary>
    public void Renew()
    {
        _client?.Dispose();
        _client = null;
    }

    public void Dispose() => Renew();
}
