using System.Diagnostics.Metrics;
using Messaging.Patterns.Outbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>The instruments of a relay. What lies in the database is asked for now and then, not whenever somebody looks.</summary>
internal sealed partial class OutboxRelayMetrics : BackgroundService
{
    /// <summary>The meter.</summary>
    public const string Name = "Messaging.Patterns.EntityFrameworkCore";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Meter _meter = new(Name);
    private readonly OutboxRelay _relay;
    private readonly TimeProvider _time;
    private readonly ILogger<OutboxRelayMetrics> _logger;
    private readonly KeyValuePair<string, object?> _outbox;
    private volatile OutboxBacklog? _backlog;

    public OutboxRelayMetrics(OutboxRelay relay, string context, TimeProvider time, ILogger<OutboxRelayMetrics> logger)
    {
        (_relay, _time, _logger, _outbox) = (relay, time, logger, new("messaging.patterns.outbox", context));
        _meter.CreateObservableCounter("messaging.client.sent.messages", () => Of(relay.State.Sent), "{message}", "Events that the relay has sent.");
        _meter.CreateObservableCounter("messaging.patterns.outbox.failed_sends", () => Of(relay.State.Failed), "{message}", "Sends that failed, were refused, or whose outcome is not known.");
        _meter.CreateObservableCounter("messaging.patterns.outbox.transactions", CountTransactions, "{transaction}", "Transactions in which events were sent, committed or not.");
        _meter.CreateObservableGauge("messaging.patterns.outbox.held", () => Of(relay.Dispatch.Get(queue => queue.Held)), "{message}", "Events in memory.");
        _meter.CreateObservableGauge("messaging.patterns.outbox.in_flight", () => Of(relay.Dispatch.Get(queue => queue.InFlight)), "{message}", "Events under way to the broker.");
        _meter.CreateObservableGauge("messaging.patterns.outbox.backlog", () => Look(backlog => backlog.Rows), "{message}", "Events that wait in the outbox, by the statistics of the database.");
        _meter.CreateObservableGauge("messaging.patterns.outbox.parked", () => Look(backlog => backlog.Parked), "{message}", "Events that can never be sent as they are.");
        _meter.CreateObservableGauge("messaging.patterns.outbox.oldest", () => Look(backlog => (backlog.Oldest ?? TimeSpan.Zero).TotalSeconds), "s", "Age of the oldest event that waits.");
    }

    public override void Dispose()
    {
        base.Dispose();
        _meter.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            try
            {
                _backlog = _relay.State.IsRunning ? await _relay.MeasureAsync(stoppingToken).ConfigureAwait(false) : null;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The relay itself tells what is wrong; here only numbers are missing.
                _backlog = null;
                Log.NotMeasured(_logger, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private Measurement<long>[] CountTransactions() => _relay.Dispatch is TransactionDispatch
        ? [Count(_relay.State.Committed, "committed"), Count(_relay.State.Uncommitted, "other")]
        : [];

    private Measurement<long> Count(long value, string outcome) => new(value, _outbox, new("outcome", outcome));

    private Measurement<long> Of(long value) => new(value, _outbox);

    private IEnumerable<Measurement<T>> Look<T>(Func<OutboxBacklog, T> value)
        where T : struct => _backlog is { } backlog ? [new(value(backlog), _outbox)] : [];

    private static partial class Log
    {
        [LoggerMessage(2120, LogLevel.Debug, "The outbox could not be measured.")]
        public static partial void NotMeasured(ILogger logger, Exception exception);
    }
}
