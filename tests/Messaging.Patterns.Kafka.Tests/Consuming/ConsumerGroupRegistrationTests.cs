using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace Messaging.Patterns.Kafka.Tests.Consuming;

public sealed class ConsumerGroupRegistrationTests
{
    private readonly HostApplicationBuilder _builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());

    [Fact]
    public async Task A_group_without_topics_and_handlers_is_refused_with_both_faults()
    {
        Add("empty", _ => { });

        var failures = await StartAsync();

        Assert.Contains(failures, failure => failure.Contains("reads no topic", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("has no handler", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_group_added_twice_is_refused()
    {
        Add("twice", Valid);
        Add("twice", Valid);

        Assert.Contains(await StartAsync(), failure => failure.Contains("'twice' is added more than once", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("orders.*", "must begin with '^'")]
    [InlineData("^orders(", "which is no regular expression")]
    [InlineData("^.*", "matches Kafka's own topics")]
    [InlineData("^orders\\..*", "matches 'orders.dead-letters', the topic of its own dead letters")]
    public async Task A_pattern_that_cannot_be_meant_is_refused(string pattern, string fault)
    {
        Add("orders", group => Valid(group.FromPattern(pattern).OnFailure(failure => failure.ThenDeadLetter())));

        Assert.Contains(await StartAsync(), failure => failure.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pattern_that_matches_topics_of_streams_is_refused_where_records_are_handled_as_they_are()
    {
        _builder.Services.AddKafkaEventSourcing().AddStreams("order", "orders.log");
        Add("orders", group => group.FromPattern("^orders\\..*").Handle<RawRecord>((_, _, _) => ValueTask.CompletedTask));

        Assert.Contains(await StartAsync(), failure => failure.Contains("matches 'orders.log', a topic of streams", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_takes_needs_a_handler_of_records()
    {
        Add("group", group => Valid(group.OnUnhandled(UnhandledEventPolicy.Raw)));

        Assert.Contains(await StartAsync(), failure => failure.Contains("Add Handle<RawRecord>(...)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handler_of_an_event_type_that_is_not_registered_is_refused()
    {
        Add("group", group => group.From("topic").Handle<string>((_, _, _) => ValueTask.CompletedTask));

        Assert.Contains(await StartAsync(), failure => failure.Contains("'System.String' is not a registered event type", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pipeline_for_retries_that_cannot_be_made_is_refused_with_the_reason()
    {
        Add("group", group => Valid(group.OnFailure(failure => failure.Retry(pipeline => pipeline.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 0 })))));

        Assert.Contains(await StartAsync(), failure => failure.Contains("'group' has a pipeline for retries that cannot be made", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("topic", "reads topic 'topic' and would redirect failing keys to it. Name another one.")]
    [InlineData("with space", "would redirect failing keys to topic 'with space', which cannot be a topic's name")]
    [InlineData("retries", "would redirect failing keys of 2 topics to topic 'retries'; each needs its own. Name them with '{topic}'.")]
    public async Task A_retry_topic_that_cannot_be_one_is_refused(string retryTopic, string expected)
    {
        Add("group", group => Valid(group.From("topic", "second").OnFailure(failure => failure.ThenRedirect()).Configure(options => options.RetryTopic = retryTopic)));

        Assert.Contains(await StartAsync(), failure => failure.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redirecting_needs_order_per_key_and_topics_that_are_named()
    {
        Add("group", group => Valid(group.FromPattern("^events\\..*").Ordered(ProcessingOrder.PerPartition).OnFailure(failure => failure.ThenRedirect())));

        var failures = await StartAsync();
        Assert.Contains(failures, failure => failure.Contains("only in order PerKey can others go on", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("reads topics by pattern: their retry topics could not be made before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Patience_with_redirected_keys_that_cannot_be_is_refused_all_at_once()
    {
        Add("group", group => Valid(group.OnFailure(failure => failure.ThenRedirect(redirected =>
        {
            (redirected.Retries, redirected.RetryDelay, redirected.MaxTime) = (-1, TimeSpan.Zero, TimeSpan.Zero);
            (redirected.MaxRetryDelay, redirected.Then) = (TimeSpan.FromDays(2), FailureAction.Redirect);
        }))));

        var failures = await StartAsync();
        Assert.All(
            ["Retries: must be at least 0", "RetryDelay: must be positive", "MaxRetryDelay: must be at least RetryDelay", "MaxTime: must be positive", "Then: must be Stop or DeadLetter"],
            expected => Assert.Contains(failures, failure => failure.Contains($"Failures.Redirected.{expected}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("with space", null, null, "in topic 'with space.dead-letters', which cannot be a topic's name")]
    [InlineData("group", "topic", null, "reads topic 'topic' and would set failed events aside in it")]
    [InlineData("group", null, 59, "must be at least 01:00:00, or null for ever, but is 00:59:00 in consumer group 'group'")]
    public async Task Dead_letters_that_would_be_lost_or_go_round_in_circles_are_refused(string name, string? topic, int? minutes, string fault)
    {
        Add(name, group => Valid(group.OnFailure(failure => failure.ThenDeadLetter())
            .Configure(options => (options.DeadLetterTopic, options.DeadLetterRetention) = (topic, minutes is { } some ? TimeSpan.FromMinutes(some) : null))));

        Assert.Contains(await StartAsync(), failure => failure.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_out_of_range_are_all_reported()
    {
        Add("group", group => Valid(group.Configure(options =>
        {
            options.CommitInterval = TimeSpan.Zero;
            options.DrainTimeout = TimeSpan.Zero;
            options.MaxBufferedRecords = 0;
            options.MaxBufferedBytes = 0;
            options.MaxUncommittedRecords = 0;
            options.MaxConcurrency = 0;
            options.BatchSize = 0;
            options.BatchTimeout = TimeSpan.FromTicks(-1);
            options.Ordering = (ProcessingOrder)7;
            options.GroupInstanceId = "not allowed";
            options.OnUnhandled = (UnhandledEventPolicy)7;
            options.Failures.Then = (FailureAction)7;
            options.Failures.DelayedRetries = -1;
            options.Failures.RetryDelay = TimeSpan.Zero;
            options.Failures.MaxRetryDelay = TimeSpan.FromTicks(-1);
            options.Failures.MaxUncommittedTime = TimeSpan.Zero;
            options.Failures.MaxParkedRecords = 0;
            options.Failures.MaxParkedBytes = 0;
            options.Provisioning = (ProvisioningMode)7;
        })));

        var failures = await StartAsync();

        Assert.All(
            [
                "CommitInterval", "DrainTimeout", "MaxBufferedRecords", "MaxBufferedBytes", "MaxUncommittedRecords", "MaxConcurrency", "BatchSize", "BatchTimeout", "Ordering",
                "GroupInstanceId", "OnUnhandled", "Failures.Then", "Provisioning", "Failures.DelayedRetries", "Failures.RetryDelay", "Failures.MaxRetryDelay",
                "Failures.MaxUncommittedTime", "Failures.MaxParkedRecords", "Failures.MaxParkedBytes",
            ],
            name => Assert.Contains(failures, failure => failure.Contains(name, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("enable.auto.commit", "true")]
    [InlineData("enable.auto.offset.store", "true")]
    [InlineData("auto.offset.reset", "latest")]
    [InlineData("group.id", "other")]
    [InlineData("enable.partition.eof", "false")]
    public async Task A_setting_that_breaks_a_guarantee_is_refused_with_the_reason(string name, string value)
    {
        Add("group", group => Valid(group.ConfigureConsumer(config => config.Set(name, value))));

        Assert.Contains(await StartAsync(), failure => failure.Contains($"'{name}' is", StringComparison.Ordinal) && failure.Contains("must", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_drain_that_could_outlast_the_poll_interval_is_refused()
    {
        Add("group", group => Valid(group.ConfigureConsumer(config => config.MaxPollIntervalMs = 10_000).Configure(options => options.DrainTimeout = TimeSpan.FromSeconds(6))));

        Assert.Contains(await StartAsync(), failure => failure.Contains("max.poll.interval.ms", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_drain_that_could_outlast_the_poll_interval_of_all_consumers_is_refused()
    {
        Add("group", Valid);
        _builder.Services.Configure<KafkaOptions>(kafka => kafka.ConfigureConsumer(config => config.MaxPollIntervalMs = 10_000));

        Assert.Contains(await StartAsync(), failure => failure.Contains("max.poll.interval.ms", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Faults_of_the_connection_do_not_hide_those_of_a_group()
    {
        Add("empty", _ => { });
        _builder.Services.Configure<KafkaOptions>(kafka => kafka.BootstrapServers = "");
        using var host = _builder.Build();

        var exception = await Assert.ThrowsAsync<AggregateException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        var failures = exception.InnerExceptions.OfType<OptionsValidationException>().SelectMany(inner => inner.Failures).ToList();
        Assert.Contains(failures, failure => failure.Contains("must name the brokers", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("reads no topic", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("session.timeout.ms", "20000", "group.consumer.session.timeout.ms")]
    [InlineData("heartbeat.interval.ms", "2000", "group.consumer.heartbeat.interval.ms")]
    [InlineData("partition.assignment.strategy", "range", "group.remote.assignor")]
    [InlineData("group.protocol.type", "consumer", "there is only one")]
    public async Task Settings_that_are_the_brokers_where_they_divide_the_partitions_are_refused_with_the_remedy(string name, string value, string remedy)
    {
        Add("group", group => Valid(group.ConfigureConsumer(config =>
        {
            config.GroupProtocol = Confluent.Kafka.GroupProtocol.Consumer;
            config.Set(name, value);
        })));

        Assert.Contains(await StartAsync(), failure => failure.Contains($"'{name}' must not be set", StringComparison.Ordinal) && failure.Contains(remedy, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_setting_of_all_consumers_that_is_the_brokers_is_refused_too()
    {
        Add("group", group => Valid(group.ConfigureConsumer(config => config.GroupProtocol = Confluent.Kafka.GroupProtocol.Consumer)));
        _builder.Services.Configure<KafkaOptions>(kafka => kafka.Consumer["session.timeout.ms"] = "20000");

        Assert.Contains(await StartAsync(), failure => failure.Contains("'session.timeout.ms' must not be set", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a/b")]
    public async Task An_instance_id_that_brokers_refuse_is_refused(string id)
    {
        Add("group", group => Valid(group.Configure(options => options.GroupInstanceId = id)));

        Assert.Contains(await StartAsync(), failure => failure.Contains("GroupInstanceId", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_different_instance_ids_are_refused()
    {
        Add("group", group => Valid(group.Configure(options => options.GroupInstanceId = "pod-1").ConfigureConsumer(config => config.GroupInstanceId = "pod-2")));

        Assert.Contains(await StartAsync(), failure => failure.Contains("'group.instance.id' is 'pod-2'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Records_as_they_are_and_events_are_not_handled_in_one_group()
    {
        Add("group", group => Valid(group.Handle<RawRecord>((_, _, _) => ValueTask.CompletedTask)));

        Assert.Contains(await StartAsync(), failure => failure.Contains("no other handler gets anything", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Records_of_streams_are_not_handled_as_they_are()
    {
        _builder.Services.AddKafka(kafka => kafka.BootstrapServers = "localhost:1").AddStreams("account", topic: "accounts")
            .AddConsumerGroup("group", group => group.From("accounts").Handle<RawRecord>((_, _, _) => ValueTask.CompletedTask));

        Assert.Contains(await StartAsync(), failure => failure.Contains("topic 'accounts', which holds streams", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Patterns_of_topics_are_refused()
    {
        Add("group", group => Valid(group.From("^accounts.*")));

        Assert.Contains(await StartAsync(), failure => failure.Contains("^accounts", StringComparison.Ordinal));
    }

    [Fact]
    public void Options_are_bound_from_the_groups_configuration_section()
    {
        _builder.Configuration.AddInMemoryCollection([
            KeyValuePair.Create<string, string?>("Messaging:Kafka:Groups:group:DrainTimeout", "00:00:07"),
            KeyValuePair.Create<string, string?>("Messaging:Kafka:Groups:group:MaxConcurrency", "3"),
            KeyValuePair.Create<string, string?>("Messaging:Kafka:Groups:group:Ordering", "PerPartition"),
            KeyValuePair.Create<string, string?>("Messaging:Kafka:Groups:group:Failures:Then", "DeadLetter"),
            KeyValuePair.Create<string, string?>("Messaging:Kafka:Groups:group:Failures:DelayedRetries", "4"),
        ]);
        Add("group", Valid);
        Add("other", Valid);
        using var host = _builder.Build();
        var options = host.Services.GetRequiredService<IOptionsMonitor<KafkaConsumerGroupOptions>>();

        Assert.Equal((TimeSpan.FromSeconds(7), 3, ProcessingOrder.PerPartition), (options.Get("group").DrainTimeout, options.Get("group").MaxConcurrency, options.Get("group").Ordering));
        Assert.Equal((FailureAction.DeadLetter, 4), (options.Get("group").Failures.Then, options.Get("group").Failures.DelayedRetries));
        Assert.Equal(TimeSpan.FromSeconds(10), options.Get("other").DrainTimeout);
        Assert.Equal((FailureAction.Stop, null), (options.Get("other").Failures.Then, options.Get("other").Failures.DelayedRetries));
    }

    [Fact]
    public void A_handler_class_is_registered_as_scoped_unless_it_is_registered_already()
    {
        _builder.Services.AddSingleton<NotedHandler>();
        Add("group", group => group.From("topic").Handle<Noted, NotedHandler>().Handle<RawEvent, RawHandler>());

        Assert.Equal(ServiceLifetime.Singleton, Assert.Single(_builder.Services, service => service.ServiceType == typeof(NotedHandler)).Lifetime);
        Assert.Equal(ServiceLifetime.Scoped, Assert.Single(_builder.Services, service => service.ServiceType == typeof(RawHandler)).Lifetime);
    }

    [Fact]
    public async Task Each_group_has_a_health_check_that_is_degraded_before_its_topics_are_found()
    {
        Add("first", Valid);
        Add("second", Valid);
        using var host = _builder.Build();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["kafka-consumer-group-first", "kafka-consumer-group-second"], report.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.All(report.Entries.Values, entry => Assert.Equal(HealthStatus.Degraded, entry.Status));
        Assert.Contains("waits for its topics: topic", report.Entries["kafka-consumer-group-first"].Description, StringComparison.Ordinal);
    }

    private static void Valid(KafkaConsumerGroupBuilder group) => group.From("topic").Handle<Noted>((_, _, _) => ValueTask.CompletedTask);

    private void Add(string name, Action<KafkaConsumerGroupBuilder> configure) =>
        _builder.Services.AddKafka(kafka => kafka.BootstrapServers = "localhost:1").AddEventType<Noted>().AddConsumerGroup(name, configure);

    private async Task<List<string>> StartAsync()
    {
        using var host = _builder.Build();
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        return [.. exception.Failures];
    }

    [EventType("noted")]
    public sealed record Noted(string Text);

    private sealed class NotedHandler : IEventHandler<Noted>
    {
        public ValueTask HandleAsync(Noted @event, EventContext context, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }

    private sealed class RawHandler : IEventHandler<RawEvent>
    {
        public ValueTask HandleAsync(RawEvent @event, EventContext context, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
