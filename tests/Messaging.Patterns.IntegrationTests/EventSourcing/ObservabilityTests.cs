using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>What somebody on call sees of the event store.</summary>
public sealed class ObservabilityTests(OwnKafka kafka) : IClassFixture<OwnKafka>
{
    [Fact]
    public async Task Metrics_tell_pending_appends_their_outcome_and_duration_foreign_records_and_stopped_partitions()
    {
        var cluster = await kafka.GetAsync();
        var setup = new StoreSetup(cluster.BootstrapServers, KafkaTopics.UniqueName("metrics"))
        {
            Topic = topic => topic.Partitions = 1,
            Store = store => store.OnForeignRecord = ForeignRecordPolicy.SetAside,
            Kafka = options => options.Producer["message.timeout.ms"] = "2000",
        };
        using var metrics = new Recorder(setup.TopicName);
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.NoteAsync("1", "first", ExpectedVersion.NoStream);
        await Assert.ThrowsAsync<StreamConflictException>(() => instance.NoteAsync("1", "late", ExpectedVersion.NoStream).AsTask());
        Assert.Equal(["Accepted", "Conflict"], metrics.Durations.Select(one => one.Outcome));
        Assert.All(metrics.Durations, one => Assert.InRange(one.Seconds, 0, 30));
        Assert.Equal((0, 0, 0), (metrics.Observe("messaging.patterns.append.pending"), metrics.Observe("messaging.patterns.event_store.behind"), metrics.Observe("messaging.patterns.event_store.stopped_partitions")));

        await cluster.PauseNodeAsync(1);
        var pending = Enumerable.Range(2, 2).Select(id => instance.NoteAsync($"{id}", "pending").AsTask()).ToList();
        Assert.Equal(2, metrics.Observe("messaging.patterns.append.pending"));
        await cluster.ResumeNodeAsync(1);
        await Task.WhenAll(pending);
        Assert.Equal(0, metrics.Observe("messaging.patterns.append.pending"));

        await Topics.ProduceAsync(setup.BootstrapServers, setup.TopicName, 0, "note-1", "foreign");
        await instance.NoteAsync("4", "behind it");
        Assert.Equal(1, metrics.Foreign);

        instance.EventLog.Topics.Single().Stop(Kafka.EventSourcing.Protocol.FaultReason.External, "a test");
        Assert.Equal(1, metrics.Observe("messaging.patterns.event_store.stopped_partitions"));
    }

    [Fact]
    public async Task Traces_lead_from_the_caller_over_the_append_into_the_event()
    {
        var activities = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Messaging.Patterns.Kafka" or "caller",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("caller");
        var setup = new StoreSetup((await kafka.GetAsync()).BootstrapServers, KafkaTopics.UniqueName("traces"));
        await using var instance = await StoreInstance.StartAsync(setup);

        using var caller = source.StartActivity("request")!;
        var result = await instance.NoteAsync("1", "traced", ExpectedVersion.NoStream);
        await Assert.ThrowsAsync<StreamConflictException>(() => instance.NoteAsync("1", "late", ExpectedVersion.NoStream).AsTask());

        var appends = activities.Where(activity => activity.TraceId == caller.TraceId && activity.OperationName == "append note").ToList();
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Error], appends.Select(activity => activity.Status));
        Assert.All(appends, activity => Assert.Equal((caller.SpanId, "kafka"), (activity.ParentSpanId, activity.GetTagItem("messaging.system"))));
        var record = RawLog.Read(setup.BootstrapServers, setup.TopicName).Single(record => record.Offset.Value == result.Position.Next(result.Position.Parts.Single()) - 1 && record.Message.Key.Length == "note-1".Length);
        using var value = JsonDocument.Parse(record.Message.Value);
        Assert.Equal(appends[0].Id, value.RootElement.GetProperty("traceparent").GetString());
    }

    [Fact]
    public async Task Health_is_degraded_while_the_store_waits_and_healthy_when_it_is_folded()
    {
        var cluster = await kafka.GetAsync();
        await cluster.PauseNodeAsync(1);
        await using var instance = await StoreInstance.StartAsync(new(cluster.BootstrapServers, KafkaTopics.UniqueName("health")));

        Assert.Equal(HealthStatus.Degraded, (await instance.CheckHealthAsync()).Status);

        await cluster.ResumeNodeAsync(1);
        await instance.ReadyAsync();
        var health = await instance.CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Equal(4, health.Entries["kafka-event-store"].Data.Count);
    }

    /// <summary>Measurements about one topic.</summary>
    private sealed class Recorder : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _observed = new(StringComparer.Ordinal);
        private readonly string _topic;
        private long _foreign;

        public Recorder(string topic)
        {
            _topic = topic;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Messaging.Patterns.Kafka")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => OnDuration(instrument, value, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => OnCount(instrument, value, tags));
            _listener.Start();
        }

        public ConcurrentQueue<(string? Outcome, double Seconds)> Durations { get; } = new();

        public long Foreign => Interlocked.Read(ref _foreign);

        public long Observe(string instrument)
        {
            _listener.RecordObservableInstruments();
            return _observed[instrument];
        }

        public void Dispose() => _listener.Dispose();

        private void OnDuration(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (instrument.Name == "messaging.patterns.append.duration" && Tag(tags, "messaging.destination.name") == _topic)
            {
                Durations.Enqueue((Tag(tags, "messaging.patterns.outcome"), value));
            }
        }

        private void OnCount(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Tag(tags, "messaging.destination.name") != _topic)
            {
                return;
            }

            if (instrument.IsObservable)
            {
                _observed[instrument.Name] = value;
            }
            else
            {
                Interlocked.Add(ref _foreign, value);
            }
        }

        private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
        {
            foreach (var tag in tags)
            {
                if (tag.Key == name)
                {
                    return tag.Value as string;
                }
            }

            return null;
        }
    }
}
