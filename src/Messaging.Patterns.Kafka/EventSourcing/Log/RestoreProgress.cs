using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Says every few seconds, until it is disposed of, how far a topic is folded at the start of its process.</summary>
internal sealed partial class RestoreProgress : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly string _topic;
    private readonly Func<long> _behind;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _records;
    private readonly ITimer _timer;
    private long _behindBefore;
    private long _shown;

    /// <summary>Begins to say so.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="behind">Tells how many records are to be folded.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public RestoreProgress(string topic, Func<long> behind, TimeProvider time, ILogger logger)
    {
        (_topic, _behind, _time, _logger) = (topic, behind, time, logger);
        _records = _behindBefore = behind();
        _shown = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Show(), null, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Show()
    {
        var (behind, elapsed) = (_behind(), _time.GetElapsedTime(_shown));
        var perSecond = (_behindBefore - behind) / elapsed.TotalSeconds;
        (_behindBefore, _shown) = (behind, _time.GetTimestamp());

        if (perSecond > 0)
        {
            Log.Progress(_logger, _topic, _records - behind, _records, (long)perSecond, TimeSpan.FromSeconds(Math.Ceiling(behind / perSecond)));
        }
        else if (behind > 0)
        {
            Log.Stalled(_logger, _topic, _records - behind, _records, Interval);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1304, LogLevel.Information, "Folding topic {Topic}: {Folded} of {Records} records, {PerSecond} a second, about {Rest} to go.")]
        public static partial void Progress(ILogger logger, string topic, long folded, long records, long perSecond, TimeSpan rest);

        [LoggerMessage(1305, LogLevel.Warning, "Folding topic {Topic}: {Folded} of {Records} records, and none in the last {Interval}.")]
        public static partial void Stalled(ILogger logger, string topic, long folded, long records, TimeSpan interval);
    }
}
