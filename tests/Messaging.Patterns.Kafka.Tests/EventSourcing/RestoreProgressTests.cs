using Messaging.Patterns.ContractTests;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing;

public sealed class RestoreProgressTests
{
    private readonly ManualClock _clock = new();
    private readonly List<(int Id, string Text)> _logged = [];
    private long _behind = 1_000_000;

    [Fact]
    public void Progress_is_told_with_rate_and_rest()
    {
        using var progress = new RestoreProgress("accounts", () => _behind, _clock, new Logged(_logged));
        _behind = 800_000;
        _clock.Advance(RestoreProgress.Interval);
        _behind = 790_000;
        _clock.Advance(RestoreProgress.Interval);

        Assert.Equal(
            [
                (1304, "Folding topic accounts: 200000 of 1000000 records, 40000 a second, about 00:00:20 to go."),
                (1304, "Folding topic accounts: 210000 of 1000000 records, 2000 a second, about 00:06:35 to go."),
            ],
            _logged);
    }

    [Fact]
    public void A_fold_that_does_not_go_on_is_told_too()
    {
        using var progress = new RestoreProgress("accounts", () => _behind, _clock, new Logged(_logged));
        _clock.Advance(RestoreProgress.Interval);

        Assert.Equal([(1305, "Folding topic accounts: 0 of 1000000 records, and none in the last 00:00:05.")], _logged);
    }

    [Fact]
    public void Nothing_is_told_when_nothing_is_to_go_and_after_the_end()
    {
        var progress = new RestoreProgress("accounts", () => _behind, _clock, new Logged(_logged));
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        progress.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(1));

        _behind = 0;
        using var empty = new RestoreProgress("accounts", () => _behind, _clock, new Logged(_logged));
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Empty(_logged);
    }

    private sealed class Logged(List<(int Id, string Text)> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            entries.Add((eventId.Id, formatter(state, exception)));
    }
}
