using Messaging.Patterns.Consuming;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Messaging.Patterns.Tests.Consuming;

public sealed class HandlerPipelineTests
{
    private readonly List<int> _attempts = [];

    [Fact]
    public void Without_retries_there_is_no_pipeline() => Assert.Null(new FailurePolicy().BuildPipeline(TimeProvider.System));

    [Fact]
    public async Task Attempts_are_counted_on_from_those_before()
    {
        var (error, attempts) = await RunAsync(Retries(2), attempts: 3, attempt => attempt == 6 ? null : new InvalidOperationException());

        Assert.Null(error);
        Assert.Equal(6, attempts);
        Assert.Equal([4, 5, 6], _attempts);
    }

    [Fact]
    public async Task What_fails_to_the_last_attempt_has_failed_with_its_exception()
    {
        var (error, attempts) = await RunAsync(Retries(2), attempts: 0, attempt => new InvalidOperationException($"no {attempt}"));

        Assert.Equal("no 3", Assert.IsType<InvalidOperationException>(error).Message);
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Cancellation_is_no_success() =>
        Assert.IsType<OperationCanceledException>((await RunAsync(Retries(2), attempts: 0, _ => new OperationCanceledException())).Error);

    [Fact]
    public async Task A_handler_that_takes_too_long_has_failed()
    {
        var pipeline = new FailurePolicy().Retry(builder => builder.AddTimeout(TimeSpan.FromMilliseconds(10))).BuildPipeline(TimeProvider.System)!;

        var (error, _) = await pipeline.RunAsync(async (_, token) => await Task.Delay(Timeout.Infinite, token), 0, TestContext.Current.CancellationToken);

        Assert.IsType<TimeoutRejectedException>(error);
    }

    [Fact]
    public async Task A_pipeline_that_hides_the_failure_is_a_failure()
    {
        var (error, _) = await RunAsync(new FailurePolicy().Retry(builder => builder.AddStrategy(_ => new Hiding(), new Hiding.Settings())), attempts: 0, _ => new InvalidOperationException());

        Assert.Contains("hides failures", Assert.IsType<MessagingException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_that_several_groups_share_is_used()
    {
        var shared = new ResiliencePipelineBuilder().AddRetry(Immediately(1)).Build();

        Assert.Equal(2, (await RunAsync(new FailurePolicy().Retry(shared), attempts: 0, _ => new InvalidOperationException())).Attempts);
    }

    private static FailurePolicy Retries(int count) => new FailurePolicy().Retry(builder => builder.AddRetry(Immediately(count)));

    private static RetryStrategyOptions Immediately(int count) => new() { MaxRetryAttempts = count, Delay = TimeSpan.Zero };

    private async Task<(Exception? Error, int Attempts)> RunAsync(FailurePolicy policy, int attempts, Func<int, Exception?> outcome) =>
        await policy.BuildPipeline(TimeProvider.System)!.RunAsync(
            (attempt, _) =>
            {
                _attempts.Add(attempt);
                return outcome(attempt) is { } exception ? ValueTask.FromException(exception) : ValueTask.CompletedTask;
            },
            attempts,
            TestContext.Current.CancellationToken);

    /// <summary>Takes every outcome for a success.</summary>
    private sealed class Hiding : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            await callback(context, state);
            return Outcome.FromResult<TResult>(default!);
        }

        internal sealed class Settings : ResilienceStrategyOptions;
    }
}
