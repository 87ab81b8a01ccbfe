using Confluent.Kafka;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>The settings that break a guarantee, each with the reason and the remedy.</summary>
internal static class KafkaGuards
{
    private static readonly Dictionary<string, (Func<string, bool> IsAllowed, string Reason)> OfProducers = new(StringComparer.Ordinal)
    {
        ["enable.idempotence"] = (IsTrue, "must be true: otherwise retries double and reorder records"),
        ["acks"] = (value => value is "all" or "-1" or "All", "must be all: otherwise acknowledged records are lost when a broker dies"),
        ["request.required.acks"] = (value => value is "all" or "-1" or "All", "must be all: otherwise acknowledged records are lost when a broker dies"),
        ["batch.size"] = (IsNumber, "must be a whole number"),
        ["message.max.bytes"] = (IsNumber, "must be a whole number"),
        ["partitioner"] = (value => value is "murmur2" or "murmur2_random" or "Murmur2" or "Murmur2Random", "must be murmur2 or murmur2_random, as in Java: otherwise the same key lands on different partitions"),
        ["transactional.id"] = (_ => false, "must not be set: transactions hide records from the store and block its readers"),
        ["max.in.flight.requests.per.connection"] = (IsAtMostFive, "must be at most 5: otherwise the idempotent producer cannot keep the order"),
        ["max.in.flight"] = (IsAtMostFive, "must be at most 5: otherwise the idempotent producer cannot keep the order"),
        ["message.timeout.ms"] = (IsAboveZero, "must be above 0: otherwise a record that cannot be sent is never reported"),
        ["delivery.timeout.ms"] = (IsAboveZero, "must be above 0: otherwise a record that cannot be sent is never reported"),
        ["delivery.report.only.error"] = (IsFalse, "must be false: without reports nobody learns of a success"),
        ["dotnet.producer.enable.delivery.reports"] = (IsTrue, "must be true: without reports nobody learns of a failure"),
        ["dotnet.producer.enable.background.poll"] = (IsTrue, "must be true: reports are delivered by it"),
    };

    private static readonly Dictionary<string, (Func<string, bool> IsAllowed, string Reason)> OfConsumers = new(StringComparer.Ordinal)
    {
        ["enable.auto.commit"] = (IsFalse, "must be false: offsets are committed when events are handled, not when they are fetched"),
        ["enable.auto.offset.store"] = (IsFalse, "must be false: offsets are committed when events are handled, not when they are fetched"),
        ["group.id"] = (_ => false, "must not be set here: each consumer group is named where it is added"),
        ["enable.partition.eof"] = (_ => false, "must not be set: the library relies on it"),
        ["auto.offset.reset"] = (_ => false, "must not be set here: silently skipping or repeating a log is never right"),
    };

    /// <summary>Adds an error for every refused setting.</summary>
    public static void Check(KafkaOptions options, ValidateOptionsResultBuilder result)
    {
        var producer = new ProducerConfig(new Dictionary<string, string>(options.Producer));
        options.ProducerConfig?.Invoke(producer);
        var consumer = new ConsumerConfig(new Dictionary<string, string>(options.Consumer));
        options.ConsumerConfig?.Invoke(consumer);

        Check(producer, OfProducers, nameof(options.Producer), result);
        Check(options.Client, OfProducers, nameof(options.Client), result);
        Check(consumer, OfConsumers, nameof(options.Consumer), result);
        Check(options.Client, OfConsumers, nameof(options.Client), result);

        foreach (var (name, settings) in new[] { (nameof(options.Client), options.Client.AsEnumerable()), (nameof(options.Producer), producer), (nameof(options.Consumer), consumer) })
        {
            if (settings.FirstOrDefault(setting => setting.Key is "bootstrap.servers" or "metadata.broker.list") is { Value: { } servers } && servers != options.BootstrapServers)
            {
                result.AddError($"'bootstrap.servers' is '{servers}', but {nameof(options.BootstrapServers)} is '{options.BootstrapServers}'. Give the brokers once, there.", name);
            }
        }
    }

    /// <summary>Adds an error for every refused setting of one consumer.</summary>
    public static void CheckConsumer(IEnumerable<KeyValuePair<string, string>> settings, string name, ValidateOptionsResultBuilder result) =>
        Check(settings, OfConsumers, name, result);

    private static void Check(
        IEnumerable<KeyValuePair<string, string>> settings,
        Dictionary<string, (Func<string, bool> IsAllowed, string Reason)> guards,
        string name,
        ValidateOptionsResultBuilder result)
    {
        foreach (var (key, value) in settings)
        {
            if (guards.TryGetValue(key, out var guard) && !guard.IsAllowed(value))
            {
                result.AddError($"'{key}' is '{value}', but {guard.Reason}. Remove the setting.", name);
            }
        }
    }

    private static bool IsTrue(string value) => bool.TryParse(value, out var flag) && flag;

    private static bool IsFalse(string value) => bool.TryParse(value, out var flag) && !flag;

    private static bool IsAboveZero(string value) => int.TryParse(value, out var number) && number > 0;

    // Those that the library reads itself; librdkafka says what else it does not take.
    private static bool IsNumber(string value) => int.TryParse(value, out var number) && number > 0;

    private static bool IsAtMostFive(string value) => int.TryParse(value, out var number) && number is > 0 and <= 5;
}
