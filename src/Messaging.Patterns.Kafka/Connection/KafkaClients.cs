using Confluent.Kafka;
using Messaging.Patterns.Kafka.Publishing.Transactions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>Makes producers, consumers and admin clients: the library's defaults, the user's settings on top, then what cannot be otherwise.</summary>
internal sealed partial class KafkaClients(IOptions<KafkaOptions> options, ILogger<KafkaClients> logger)
{
    private const int DefaultMaxMessageBytes = 64 << 20;
    private const int DefaultBatchSize = 1_000_000;
    private const int DefaultMessageTimeoutMs = 20_000;

    // A topic that brokers do not know may have been created just now; after this it does not exist. Longer than the time-out of messages, librdkafka's own
    // 30 seconds would say "no answer" instead.
    private const int UnknownTopicMs = 5_000;

    // The embedded broker answers a fetch that found nothing only when its wait is over, not when something comes.
    private const int DevelopmentFetchWait = 10;

    private readonly KafkaOptions _options = options.Value;

    public bool IsDevelopment => _options.Profile == KafkaProfile.Development;

    public string BootstrapServers => _options.BootstrapServers;

    /// <summary>Gets the most bytes that a producer takes as one record.</summary>
    public long MaxMessageBytes => ProducerSettings().MessageMaxBytes ?? DefaultMaxMessageBytes;

    /// <summary>Gets the most bytes that a producer puts into one batch of several records.</summary>
    public long BatchSize => ProducerSettings().BatchSize ?? DefaultBatchSize;

    /// <summary>Gets how long a producer tries to send a record before it reports it as failed.</summary>
    public TimeSpan MessageTimeout => TimeSpan.FromMilliseconds(ProducerSettings().MessageTimeoutMs ?? DefaultMessageTimeoutMs);

    public KafkaUnavailableException Unavailable(string operation, Exception? cause) => new(operation, BootstrapServers, cause);

    /// <summary>Makes a producer.</summary>
    /// <param name="failed">Told every error of the client.</param>
    /// <param name="transactionalId">The id under which it sends in transactions; <see langword="null"/> for one that does not.</param>
    public IProducer<byte[], byte[]> CreateProducer(Action<Error> failed, string? transactionalId = null)
    {
        var settings = ProducerSettings();
        settings.TransactionalId = transactionalId;
        var builder = new ProducerBuilder<byte[], byte[]>(settings);
        _options.ProducerHooks?.Invoke(builder);
        builder.SetLogHandler((_, message) => Log.Client(logger, message)).SetErrorHandler((_, error) =>
        {
            // Whose transactional id was taken over hears of it, and it is no fault.
            if (!TransactionalClient.IsFencing(error))
            {
                Log.Failed(logger, error, BootstrapServers);
            }

            failed(error);
        });
        return Build(builder.Build);
    }

    public IConsumer<byte[], byte[]> CreateConsumer(Action<ConsumerConfig> configure, Action<ConsumerBuilder<byte[], byte[]>>? hooks = null, Action<Error>? failed = null)
    {
        var config = new ConsumerConfig(Settings(_options.Consumer, new ConsumerConfig
        {
            FetchQueueBackoffMs = 5,
            FetchWaitMaxMs = IsDevelopment ? DevelopmentFetchWait : null,
            AllowAutoCreateTopics = IsDevelopment,
        }));
        _options.ConsumerConfig?.Invoke(config);
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        configure(config);
        var builder = new ConsumerBuilder<byte[], byte[]>(config);
        _options.ConsumerHooks?.Invoke(builder);
        hooks?.Invoke(builder);
        builder.SetLogHandler((_, message) => Log.Client(logger, message)).SetErrorHandler((_, error) =>
        {
            Log.Failed(logger, error, BootstrapServers);
            failed?.Invoke(error);
        });
        return Build(builder.Build);
    }

    public IAdminClient CreateAdmin()
    {
        var config = new AdminClientConfig(Settings(new Dictionary<string, string>(), new AdminClientConfig { AllowAutoCreateTopics = IsDevelopment }));
        _options.AdminConfig?.Invoke(config);
        var builder = new AdminClientBuilder(config);
        _options.AdminHooks?.Invoke(builder);
        builder.SetLogHandler((_, message) => Log.Client(logger, message)).SetErrorHandler((_, error) => Log.Failed(logger, error, BootstrapServers));
        return Build(builder.Build);
    }

    private ProducerConfig ProducerSettings()
    {
        var config = new ProducerConfig(Settings(_options.Producer, new ProducerConfig
        {
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 0,
            MessageMaxBytes = DefaultMaxMessageBytes,
            BatchSize = DefaultBatchSize,
            MessageTimeoutMs = DefaultMessageTimeoutMs,
            TopicMetadataPropagationMaxMs = UnknownTopicMs,
            AllowAutoCreateTopics = IsDevelopment,
        }));
        _options.ProducerConfig?.Invoke(config);
        config.EnableIdempotence = true;
        config.Acks = Acks.All;
        config.DeliveryReportFields = "status";
        return config;
    }

    private Dictionary<string, string> Settings(IDictionary<string, string> own, IEnumerable<KeyValuePair<string, string>> defaults)
    {
        var settings = defaults.ToDictionary(StringComparer.Ordinal);

        // A broker that comes back is noticed within seconds; librdkafka's own limit is ten.
        settings["reconnect.backoff.max.ms"] = "2000";

        foreach (var (name, value) in _options.Client.Concat(own))
        {
            settings[name] = value;
        }

        settings["bootstrap.servers"] = BootstrapServers;

        if (_options.ClientId is not null)
        {
            settings["client.id"] = _options.ClientId;
        }

        return settings;
    }

    private static T Build<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new MessagingException($"librdkafka refuses a setting of {nameof(KafkaOptions)}: {exception.Message}", exception);
        }
    }

    private static partial class Log
    {
        public static void Client(ILogger logger, LogMessage message)
        {
            if (LevelOf(message.Level) is var level && logger.IsEnabled(level))
            {
                Said(logger, level, message.Name, message.Facility, message.Message);
            }
        }

        public static void Failed(ILogger logger, Error error, string servers)
        {
            if (error.IsFatal)
            {
                Fatal(logger, error.Code, error.Reason);
            }
            else if (error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve)
            {
                Unreachable(logger, servers, error.Reason);
            }
            else
            {
                Trouble(logger, error.Code, error.Reason);
            }
        }

        [LoggerMessage(EventId = 1000, Message = "{Client} {Facility}: {Text}")]
        private static partial void Said(ILogger logger, LogLevel level, string client, string facility, string text);

        [LoggerMessage(1001, LogLevel.Warning, "Kafka at {Servers} cannot be reached; it is tried again: {Reason}.")]
        private static partial void Unreachable(ILogger logger, string servers, string reason);

        [LoggerMessage(1002, LogLevel.Warning, "Kafka client in trouble ({Code}); it goes on by itself: {Reason}.")]
        private static partial void Trouble(ILogger logger, ErrorCode code, string reason);

        [LoggerMessage(1003, LogLevel.Error, "A Kafka producer failed for good ({Code}) and is replaced: {Reason}.")]
        private static partial void Fatal(ILogger logger, ErrorCode code, string reason);

        private static LogLevel LevelOf(SyslogLevel level) => level switch
        {
            SyslogLevel.Emergency or SyslogLevel.Alert or SyslogLevel.Critical or SyslogLevel.Error => LogLevel.Warning,
            SyslogLevel.Warning => LogLevel.Information,
            _ => LogLevel.Debug,
        };
    }
}
