using System.Diagnostics;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>One broker that goes away and comes back: operations wait, then fail as transient with the address named, and nothing is lost.</summary>
public sealed class BrokerFaultTests(OwnKafka kafka) : IClassFixture<OwnKafka>, IAsyncLifetime
{
    private static readonly AppendOptions Impatient = new() { Timeout = TimeSpan.FromSeconds(1) };

    private KafkaCluster _cluster = null!;
    private StoreSetup _setup = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await kafka.GetAsync();

        // A test that failed may have left it paused.
        await _cluster.ResumeNodeAsync(1);
        _setup = new(_cluster.BootstrapServers, KafkaTopics.UniqueName("faults")) { Kafka = kafka => kafka.Producer["message.timeout.ms"] = "2000" };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_broker_that_is_away_at_the_start_is_waited_for()
    {
        await _cluster.KillNodeAsync(1);
        await using var instance = await StoreInstance.StartAsync(_setup with { Reader = reader => reader.ReadTimeout = TimeSpan.FromSeconds(1) });

        var append = await Assert.ThrowsAsync<KafkaUnavailableException>(() => instance.NoteAsync("1", "too early", options: Impatient).AsTask());
        var read = await Assert.ThrowsAsync<KafkaUnavailableException>(() => instance.ReadAsync("1", ReadConsistency.Local));
        Assert.All([append, read], exception => Assert.True(exception.IsTransient && exception.Message.Contains(_cluster.BootstrapServers, StringComparison.Ordinal), exception.Message));

        var patient = instance.NoteAsync("1", "patient").AsTask();
        await _cluster.StartNodeAsync(1);
        Assert.Equal(1, (await patient).Version);
        Assert.Equal(["patient"], (await instance.ReadAsync("1", ReadConsistency.Session((await patient).Position))).Texts());
    }

    [Fact]
    public async Task A_broker_that_goes_away_in_mid_flight_makes_operations_fail_as_transient_and_loses_nothing()
    {
        await using var instance = await StoreInstance.StartAsync(_setup with { Reader = reader => reader.ReadTimeout = TimeSpan.FromSeconds(1) });
        await instance.NoteAsync("1", "before");
        await _cluster.KillNodeAsync(1);

        var unknown = await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => instance.NoteAsync("1", "unknown", options: Impatient).AsTask());
        Assert.True(unknown.IsTransient);
        Assert.Contains(_cluster.BootstrapServers, unknown.InnerException!.Message, StringComparison.Ordinal);
        var read = await Assert.ThrowsAsync<KafkaUnavailableException>(() => instance.ReadAsync("1", ReadConsistency.Strong));
        Assert.Contains(_cluster.BootstrapServers, read.Message, StringComparison.Ordinal);
        var barrier = await Assert.ThrowsAsync<KafkaUnavailableException>(() => instance.ReadAsync("1", ReadConsistency.Linearizable));
        Assert.True(barrier.IsTransient);
        Assert.Equal(["before"], (await instance.ReadAsync("1", ReadConsistency.Local)).Texts());

        var patient = instance.NoteAsync("2", "patient").AsTask();
        await _cluster.StartNodeAsync(1);

        Assert.Equal(1, (await patient).Version);
        var resolution = await instance.Writer.ResolveAsync(unknown.Pending, TestContext.Current.CancellationToken);
        Assert.Equal((AppendOutcome.Accepted, 2L), (resolution.Outcome, resolution.Result!.Version));
        Assert.Equal(["before", "unknown"], (await instance.ReadAsync("1", ReadConsistency.Linearizable)).Texts());
        await using var fresh = await StoreInstance.StartAsync(_setup);
        Assert.Equal(["before", "unknown"], (await fresh.ReadAsync("1", ReadConsistency.Strong)).Texts());
    }

    [Fact]
    public async Task A_process_whose_brokers_do_not_answer_its_first_question_stops_when_it_is_told_to()
    {
        await _cluster.PauseNodeAsync(1);
        var asking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var instance = await StoreInstance.StartAsync(_setup with { Kafka = kafka => kafka.ConfigureAdminBuilder(_ => asking.TrySetResult()) });
        var append = instance.NoteAsync("1", "never").AsTask();
        await asking.Task;

        await instance.StopAsync();

        // The time limit of the question, after which it would have been asked again, was not waited for.
        Assert.DoesNotContain(instance.Log.Entries, entry => entry.Id == 1100);
        await Assert.ThrowsAsync<EventStoreStoppedException>(() => append);
        await _cluster.ResumeNodeAsync(1);
    }

    [Fact]
    public async Task Disposal_answers_every_append_that_is_under_way()
    {
        var instance = await StoreInstance.StartAsync(_setup with { Writer = writer => writer.MaxPendingAppends = 30 });
        await instance.NoteAsync("0", "ready");
        await _cluster.PauseNodeAsync(1);
        var appends = Enumerable.Range(0, 40).Select(number => instance.NoteAsync($"{number % 20}", "under way").AsTask()).ToList();

        await instance.DisposeAsync();

        foreach (var append in appends)
        {
            // What was sent is unknown; what waited for its stream or for room was surely not written.
            var exception = await Assert.ThrowsAnyAsync<MessagingException>(() => append);
            Assert.True(exception is AppendOutcomeUnknownException or EventStoreStoppedException, exception.ToString());
        }

        Assert.Contains(appends, append => append.Exception!.InnerException is AppendOutcomeUnknownException);
        await _cluster.ResumeNodeAsync(1);
    }

    [Fact]
    public async Task An_append_that_was_answered_before_the_broker_was_killed_is_there_afterwards()
    {
        await using var instance = await StoreInstance.StartAsync(_setup);
        var acknowledged = new List<AppendResult>();

        for (var number = 0; number < 50; number++)
        {
            acknowledged.Add(await instance.NoteAsync("1", $"{number}"));
        }

        await _cluster.KillNodeAsync(1);
        await _cluster.StartNodeAsync(1);

        Assert.Equal(51, (await instance.NoteAsync("1", "after")).Version);
        await using var fresh = await StoreInstance.StartAsync(_setup);
        Assert.Equal(acknowledged.Select(result => result.Version), (await fresh.ReadAsync("1", ReadConsistency.Strong)).Take(50).Select(recorded => recorded.Version));
    }

    [Fact]
    public async Task Operations_can_be_cancelled_wherever_they_wait()
    {
        await using var instance = await StoreInstance.StartAsync(_setup with { Writer = writer => writer.MaxPendingAppends = 1 });
        await instance.NoteAsync("1", "before");
        await _cluster.PauseNodeAsync(1);
        await using var starting = await StoreInstance.StartAsync(_setup);
        using var cancel = new CancellationTokenSource();

        // One in flight, one that waits for room, one that waits for its topic, reads that wait for topic, log end, position, next event.
        var inFlight = instance.NoteAsync("1", "in flight", cancellationToken: cancel.Token).AsTask();
        Task[] waiting =
        [
            instance.NoteAsync("2", "waits for room", cancellationToken: cancel.Token).AsTask(),
            starting.NoteAsync("1", "waits for its topic", cancellationToken: cancel.Token).AsTask(),
            ReadAsync(starting, ReadConsistency.Local, cancel.Token),
            ReadAsync(instance, ReadConsistency.Strong, cancel.Token),
            ReadAsync(instance, ReadConsistency.Linearizable, cancel.Token),
            ReadAsync(instance, ReadConsistency.Session(Position.At($"{_setup.TopicName}:{PartitionOf("1", instance)}", 100)), cancel.Token),
            FollowAsync(instance, cancel.Token),
        ];
        await cancel.CancelAsync();

        foreach (var task in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        }

        var unknown = await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => inFlight);
        Assert.IsType<OperationCanceledException>(unknown.InnerException);
        using var resolving = new CancellationTokenSource();
        var resolution = instance.Writer.ResolveAsync(unknown.Pending, resolving.Token).AsTask();
        await resolving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => resolution);

        await _cluster.ResumeNodeAsync(1);
        Assert.Equal(AppendOutcome.Accepted, (await instance.Writer.ResolveAsync(unknown.Pending, TestContext.Current.CancellationToken)).Outcome);
        Assert.Equal(["before", "in flight"], (await instance.ReadAsync("1", ReadConsistency.Strong)).Texts());
    }

    private int PartitionOf(string id, StoreInstance instance) =>
        instance.EventLog.Topics.Single().PartitionOf(System.Text.Encoding.UTF8.GetBytes($"note-{id}")).Number;

    private static async Task ReadAsync(StoreInstance instance, ReadConsistency consistency, CancellationToken cancellationToken)
    {
        await foreach (var recorded in instance.Reader.ReadStreamAsync(new("note", "1"), new() { Consistency = consistency }, cancellationToken))
        {
            Debug.Assert(recorded is not null);
        }
    }

    private static async Task FollowAsync(StoreInstance instance, CancellationToken cancellationToken)
    {
        await foreach (var recorded in instance.Feed.ReadAllAsync(Position.Start, new() { Follow = true }, cancellationToken))
        {
            Debug.Assert(recorded is not null);
        }
    }
}
