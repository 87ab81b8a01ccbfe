using Confluent.Kafka;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.Kafka.Connection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Tests.Connection;

/// <summary>A client is closed only after its last question was answered. Nothing listens at the address; the answers are the test's own.</summary>
public sealed class AdminSourceTests : IAsyncDisposable
{
    private readonly ManualClock _clock = new();
    private readonly AdminSource _admin;
    private readonly List<TaskCompletionSource<int>> _answers = [];

    public AdminSourceTests()
    {
        var clients = new KafkaClients(Options.Create(new KafkaOptions { BootstrapServers = "127.0.0.1:1" }), NullLogger<KafkaClients>.Instance);
        _admin = new AdminSource(clients, _clock);
    }

    [Fact]
    public async Task A_question_whose_asker_has_left_keeps_its_client_open_until_the_answer_comes()
    {
        using var leaving = new CancellationTokenSource();
        var (asked, client, answer) = Ask(leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        _admin.Renew();
        Assert.False(IsClosed(client));
        answer.SetResult(1);
        Assert.True(SpinWait.SpinUntil(() => IsClosed(client), Timeout.Infinite));
    }

    [Fact]
    public async Task The_next_question_after_a_failure_goes_to_another_client()
    {
        var (first, client, answer) = Ask();
        var (_, same, _) = Ask();
        answer.SetException(new KafkaException(ErrorCode.Local_TimedOut));
        await Assert.ThrowsAsync<KafkaException>(() => first);

        _admin.Renew();
        var (_, next, _) = Ask();

        Assert.Same(client, same);
        Assert.NotSame(client, next);
    }

    [Fact]
    public async Task A_question_that_is_never_answered_fails_and_leaves_its_client_as_it_is()
    {
        var (asked, client, _) = Ask();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(ErrorCode.Local_TimedOut, (await Assert.ThrowsAsync<KafkaException>(() => asked)).Error.Code);
        var disposing = _admin.DisposeAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await disposing;
        Assert.False(IsClosed(client));
    }

    [Fact]
    public async Task What_nobody_asks_any_more_is_closed_with_its_source()
    {
        var (asked, client, answer) = Ask();
        answer.SetResult(1);
        Assert.Equal(1, await asked);

        await _admin.DisposeAsync();

        Assert.True(IsClosed(client));
    }

    public ValueTask DisposeAsync()
    {
        _answers.ForEach(answer => answer.TrySetResult(0));
        return _admin.DisposeAsync();
    }

    private static bool IsClosed(IAdminClient client)
    {
        try
        {
            client.AddBrokers("127.0.0.1:1");
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private (Task<int> Asked, IAdminClient Client, TaskCompletionSource<int> Answer) Ask(CancellationToken? cancellationToken = null)
    {
        var answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers.Add(answer);
        IAdminClient? client = null;
        var asked = _admin.AskAsync(
            admin =>
            {
                client = admin;
                return answer.Task;
            },
            cancellationToken ?? TestContext.Current.CancellationToken);
        return (asked, client!, answer);
    }
}
