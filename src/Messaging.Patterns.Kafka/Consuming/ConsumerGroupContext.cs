using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>What the consumer groups of a process share.</summary>
/// <param name="Clients">Makes the clients.</param>
/// <param name="Provisioner">Finds, creates and verifies topics.</param>
/// <param name="Producer">Sends what is set aside.</param>
/// <param name="EventStore">Says which topics are event topics.</param>
/// <param name="Codec">The event types.</param>
/// <param name="Scopes">Makes the scopes of handlers.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Control">Where orders to groups lie; <see langword="null"/> if they take none.</param>
internal sealed record ConsumerGroupContext(
    KafkaClients Clients,
    TopicProvisioner Provisioner,
    KafkaProducer Producer,
    IOptions<KafkaEventStoreOptions> EventStore,
    EventCodec Codec,
    IServiceScopeFactory Scopes,
    TimeProvider Time,
    ILogger<ConsumerGroup> Logger,
    ControlTopic? Control = null);
