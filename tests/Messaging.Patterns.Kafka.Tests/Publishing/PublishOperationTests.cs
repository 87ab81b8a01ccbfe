using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Tests.Publishing;

public sealed class PublishOperationTests
{
    private static readonly KafkaClients Clients = new(
        Options.Create(new KafkaOptions { BootstrapServers = "localhost:1" }), NullLogger<KafkaClients>.Instance);

    [Fact]
    public async Task A_confirmed_event_has_its_place() =>
        Assert.Equal(Position.At("prices:3", 42), await RunAsync(ErrorCode.NoError, PersistenceStatus.Persisted, 41));

    [Fact]
    public async Task An_event_confirmed_without_its_offset_is_published_all_the_same() =>
        Assert.Equal(Position.Start, await RunAsync(ErrorCode.NoError, PersistenceStatus.PossiblyPersisted, Offset.Unset));

    [Theory]
    [InlineData(ErrorCode.Local_MsgTimedOut)]
    [InlineData(ErrorCode.Local_AllBrokersDown)]
    [InlineData(ErrorCode.Local_Transport)]
    public async Task A_broker_out_of_reach_is_named_and_worth_another_try(ErrorCode code)
    {
        var failure = await Assert.ThrowsAsync<KafkaUnavailableException>(() => RunAsync(code, PersistenceStatus.NotPersisted));

        Assert.Equal(("localhost:1", true), (failure.BootstrapServers, failure.IsTransient));
        Assert.Equal(
            "Kafka at 'localhost:1' did not answer in time: publish to topic 'prices'; the event is not in the topic. Check that the brokers run, that the address is right and that it can be reached from here.",
            failure.Message);
        Assert.Equal(code, Assert.IsType<KafkaException>(failure.InnerException).Error.Code);
    }

    [Theory]
    [InlineData(ErrorCode.Local_MsgTimedOut, true)]
    [InlineData(ErrorCode.NotEnoughReplicas, true)]
    [InlineData(ErrorCode.MsgSizeTooLarge, false)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, false)]
    [InlineData(ErrorCode.UnknownTopicOrPart, false)]
    public async Task An_event_that_may_be_stored_is_never_said_to_be_lost(ErrorCode code, bool isTransient)
    {
        var failure = await Assert.ThrowsAsync<PublishException>(() => RunAsync(code, PersistenceStatus.PossiblyPersisted));

        Assert.Equal(("prices", true, isTransient), (failure.Topic, failure.PossiblyPersisted, failure.IsTransient));
        Assert.Equal(
            $"Cannot publish to topic 'prices': {ReasonOf(code)}. The event may be in the topic all the same; publish it again with the same id, and let receivers drop duplicates.",
            failure.Message);
    }

    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge, false)]
    [InlineData(ErrorCode.InvalidRecord, false)]
    [InlineData(ErrorCode.PolicyViolation, false)]
    [InlineData(ErrorCode.ClusterAuthorizationFailed, false)]
    [InlineData(ErrorCode.Local_UnknownTopic, false)]
    [InlineData(ErrorCode.NotEnoughReplicas, true)]
    [InlineData(ErrorCode.Local_Fatal, true)]
    [InlineData(ErrorCode.Local_Destroy, true)]
    public async Task An_event_that_was_refused_is_surely_not_stored(ErrorCode code, bool isTransient)
    {
        var failure = await Assert.ThrowsAsync<PublishException>(() => RunAsync(code, PersistenceStatus.NotPersisted));

        Assert.Equal((false, isTransient), (failure.PossiblyPersisted, failure.IsTransient));
        Assert.Equal($"Cannot publish to topic 'prices': {ReasonOf(code)}. The event is not in the topic.", failure.Message);
    }

    private static string ReasonOf(ErrorCode code) => code switch
    {
        ErrorCode.Local_UnknownTopic or ErrorCode.UnknownTopicOrPart => "the topic does not exist; create it, or correct its name",
        ErrorCode.MsgSizeTooLarge => $"{new Error(code).Reason}; raise max.message.bytes of the topic and message.max.bytes of the producer, or make it smaller",
        _ => new Error(code).Reason,
    };

    private static Task<Position> RunAsync(ErrorCode code, PersistenceStatus status, long offset = 0)
    {
        var operation = new PublishOperation(new PublishTarget(new EventRoute(typeof(object), "prices", _ => "")), Clients);
        var task = operation.Task.AsTask();
        operation.Delivered(new DeliveryReport<byte[], byte[]>
        {
            TopicPartitionOffsetError = new("prices", 3, offset, new Error(code)),
            Status = status,
        });
        return task;
    }
}
