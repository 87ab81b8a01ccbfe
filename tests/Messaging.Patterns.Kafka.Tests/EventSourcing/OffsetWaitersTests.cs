using Messaging.Patterns.Kafka.EventSourcing;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing;

public sealed class OffsetWaitersTests
{
    [Fact]
    public async Task What_has_passed_is_not_waited_for()
    {
        var waiters = new OffsetWaiters();
        waiters.Advance(5);

        Assert.True(Wait(waiters, 0).IsCompletedSuccessfully);
        Assert.True(Wait(waiters, 5).IsCompletedSuccessfully);
        var waiting = Wait(waiters, 6);
        Assert.False(waiting.IsCompleted);
        waiters.Advance(6);
        await waiting;
    }

    [Fact]
    public async Task Everyone_is_woken_when_his_own_offset_has_passed()
    {
        var waiters = new OffsetWaiters();
        var waiting = new long[] { 9, 3, 7, 3 }.Select(next => Wait(waiters, next)).ToList();

        waiters.Advance(7);
        await Task.WhenAll(waiting[1..]);

        Assert.False(waiting[0].IsCompleted);
        waiters.Advance(100);
        await waiting[0];
    }

    [Fact]
    public void An_older_offset_takes_nothing_back()
    {
        var waiters = new OffsetWaiters();
        waiters.Advance(5);
        waiters.Advance(3);

        Assert.Equal(5, waiters.Passed);
    }

    [Fact]
    public async Task After_a_failure_only_what_has_passed_before_is_there()
    {
        var (waiters, failure) = (new OffsetWaiters(), new InvalidOperationException("stopped"));
        waiters.Advance(5);
        var waiting = Wait(waiters, 6);

        waiters.Fail(failure);

        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => waiting));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => Wait(waiters, 6)));
        Assert.True(Wait(waiters, 5).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_without_harm_to_others()
    {
        var waiters = new OffsetWaiters();
        using var cancelled = new CancellationTokenSource();
        var (first, second) = (Wait(waiters, 1, cancelled.Token), Wait(waiters, 1));

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        waiters.Advance(1);
        await second;
    }

    private static Task Wait(OffsetWaiters waiters, long next, CancellationToken? cancellationToken = null) =>
        waiters.WaitAsync(next, cancellationToken ?? TestContext.Current.CancellationToken).AsTask();
}
