using Confluent.Kafka;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Testing.Tests.Embedded;

/// <summary>The event store on an embedded broker that refuses, delays and disappears. Real brokers are made to fail in the integration tests.</summary>
public sealed class EmbeddedFaultTests : IAsyncLifetime
{
    private readonly FaultyInstances _instances = new();
    private readonly StreamId _stream = new(ContractEvents.Category, "42");
    private IEventStore? _store;
    private IEventStore? _other;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EmbeddedKafka Kafka => _instances.Kafka;

    public async ValueTask InitializeAsync()
    {
        _store = (await _instances.FirstAsync()).GetRequiredService<IEventStore>();
        _other = (await _instances.SecondAsync()).GetRequiredService<IEventStore>();
        await AppendAsync(_store, amount: 0);
        Assert.Single(await ReadAsync(_other));
    }

    public ValueTask DisposeAsync() => _instances.DisposeAsync();

    [Theory]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.NotLeaderForPartition)]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.Local_Transport)]
    public async Task An_append_outlives_a_request_that_fails(ErrorCode error)
    {
        Kafka.FailRequests(KafkaRequest.Produce, error, error);

        var result = await AppendAsync(_store!, amount: 1);

        Assert.Equal(2, result.Version);
        Assert.Equal([0, 1], await ReadAsync(_other!));
    }

    [Fact]
    public async Task Appends_wait_for_a_broker_that_is_away_and_are_written_once()
    {
        Kafka.StopBroker();
        var appends = Enumerable.Range(1, 10).Select(amount => AppendAsync(amount % 2 == 0 ? _store! : _other!, amount)).ToList();
        Assert.All(appends, append => Assert.False(append.IsCompleted));

        Kafka.StartBroker();

        Assert.Equal(Enumerable.Range(2, 10), (await Task.WhenAll(appends)).Select(result => (int)result.Version).Order());
        Assert.Equal(Enumerable.Range(0, 11), (await ReadAsync(_other!)).Order());
    }

    [Fact]
    public async Task An_append_that_is_not_answered_in_time_is_in_doubt_and_settled_by_any_instance_the_same_way()
    {
        Kafka.SetRoundTripTime(TimeSpan.FromSeconds(1));
        var unknown = await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() =>
            _store!.AppendAsync(_stream, ExpectedVersion.Exactly(1), [new(new Charged(1))], new AppendOptions { Timeout = TimeSpan.FromMilliseconds(100) }, Cancellation).AsTask());
        Kafka.SetRoundTripTime(TimeSpan.Zero);

        var resolutions = new[]
        {
            await _other!.ResolveAsync(unknown.Pending, Cancellation),
            await _store!.ResolveAsync(unknown.Pending, Cancellation),
            await _other.ResolveAsync(unknown.Pending with { Frame = default }, Cancellation),
        };

        Assert.Equal((AppendOutcome.Accepted, 2L), (resolutions[0].Outcome, resolutions[0].Result!.Version));
        Assert.All(resolutions, resolution => Assert.Equal(resolutions[0], resolution));
        Assert.Equal([0, 1], await ReadAsync(_store));
    }

    [Fact]
    public async Task An_append_in_doubt_that_another_overtook_is_rejected_or_accepted_but_never_both()
    {
        Kafka.StopBroker();
        var unknown = await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() =>
            _store!.AppendAsync(_stream, ExpectedVersion.Exactly(1), [new(new Charged(1))], new AppendOptions { Timeout = TimeSpan.FromMilliseconds(100) }, Cancellation).AsTask());
        var overtaking = _other!.AppendAsync(_stream, ExpectedVersion.Exactly(1), [new(new Charged(2))], cancellationToken: Cancellation).AsTask();
        Kafka.StartBroker();

        var resolution = await _other.ResolveAsync(unknown.Pending, Cancellation);

        Assert.NotEqual(AppendOutcome.Undecided, resolution.Outcome);
        var isAccepted = resolution.Outcome == AppendOutcome.Accepted;
        Assert.Equal(isAccepted, await Record.ExceptionAsync(() => overtaking) is StreamConflictException);
        Assert.Equal([0, isAccepted ? 1 : 2], await ReadAsync(_store!));
    }

    [Fact]
    public async Task A_strong_read_whose_question_is_lost_with_its_connection_asks_again()
    {
        // The other one's tail stays behind for a while, so that an answer without having asked would be a stale one.
        Kafka.FailRequests(KafkaRequest.Fetch, [.. Enumerable.Repeat(ErrorCode.NotLeaderForPartition, 3)]);
        await AppendAsync(_store!, amount: 1);
        Kafka.FailRequests(KafkaRequest.ListOffsets, ErrorCode.Local_Transport);

        Assert.Equal([0, 1], await ReadAsync(_other!));
    }

    [Fact]
    public async Task A_store_whose_question_for_the_ends_of_the_log_is_lost_with_its_connection_asks_again()
    {
        // The begins are told, then the ends are asked for.
        Kafka.FailRequests(KafkaRequest.ListOffsets, ErrorCode.NoError, ErrorCode.Local_Transport);

        using var third = await _instances.StartThirdAsync();

        Assert.Equal([0], await ReadAsync(third.Services.GetRequiredService<IEventStore>()));
        await third.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_read_that_cannot_ask_the_broker_can_be_cancelled_while_a_local_one_answers()
    {
        Kafka.StopBroker();
        using var cancelling = new CancellationTokenSource();
        var strong = _store!.ReadStreamAsync(_stream, new() { Consistency = ReadConsistency.Strong }, cancelling.Token).ToListAsync(Cancellation).AsTask();

        Assert.Equal([0], await _store.ReadStreamAsync(_stream, cancellationToken: Cancellation).Select(recorded => ((Charged)recorded.Payload).Amount).ToListAsync(Cancellation));
        Assert.False(strong.IsCompleted);
        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => strong);
    }

    private async Task<AppendResult> AppendAsync(IEventStore store, int amount) =>
        await store.AppendAsync(_stream, ExpectedVersion.Any, [new(new Charged(amount))], cancellationToken: Cancellation);

    private ValueTask<List<int>> ReadAsync(IEventStore store) => store
        .ReadStreamAsync(_stream, new() { Consistency = ReadConsistency.Strong }, Cancellation)
        .Select(recorded => ((Charged)recorded.Payload).Amount)
        .ToListAsync(Cancellation);

    private sealed class FaultyInstances() : KafkaInstances(isInMemory: true, KafkaProfile.Development)
    {
        public EmbeddedKafka Kafka { get; } = EmbeddedKafka.Start();

        public override Task<string> GetBootstrapServersAsync() => Task.FromResult(Kafka.BootstrapServers);

        public Task<IHost> StartThirdAsync() => StartAsync();

        public override async ValueTask DisposeAsync()
        {
            Kafka.StartBroker();
            await base.DisposeAsync();
            await Kafka.DisposeAsync();
        }
    }
}
