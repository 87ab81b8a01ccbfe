using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Knows for how long the readers of a store's feed are held back and by whom: tells it in the log, by a metric and to the health check.</summary>
internal sealed partial class FeedWatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Reader> _readers = [];
    private readonly Meter _meter = new("Messaging.Patterns.EntityFrameworkCore");
    private readonly string _context;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public FeedWatch(string context, EventStoreOptions options, TimeProvider time, ILogger<FeedWatch> logger)
    {
        (_context, _patience, _time, _logger) = (context, options.HeldBackAfter, time, logger);
        _meter.CreateObservableGauge(
            "messaging.patterns.event_feed.held_back",
            () => new Measurement<double>(Longest().TotalSeconds, new KeyValuePair<string, object?>("messaging.patterns.event_store", _context)),
            "s",
            "For how long a transaction that does not end holds the feed back.");
    }

    /// <summary>Gets who holds the feed back for longer than it should, or <see langword="null"/>.</summary>
    public string? Holder
    {
        get
        {
            lock (_gate)
            {
                return _readers.Select(reader => reader.Holder).FirstOrDefault(holder => holder is not null);
            }
        }
    }

    /// <summary>Returns for how long the feed has been held back.</summary>
    public TimeSpan Longest()
    {
        lock (_gate)
        {
            return _readers.Select(reader => reader.HeldFor).DefaultIfEmpty().Max();
        }
    }

    public Reader Begin()
    {
        var reader = new Reader(this);

        lock (_gate)
        {
            _readers.Add(reader);
        }

        return reader;
    }

    public void Dispose() => _meter.Dispose();

    private void End(Reader reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
        }
    }

    /// <summary>One read of the feed.</summary>
    internal sealed class Reader(FeedWatch watch) : IDisposable
    {
        private long? _since;
        private bool _isTold;

        public string? Holder { get; private set; }

        public TimeSpan HeldFor => _since is { } since ? watch._time.GetElapsedTime(since) : TimeSpan.Zero;

        /// <summary>Takes note of whether the read is held back.</summary>
        public async Task NoteAsync(bool isHeldBack, Func<Task<string?>> findHolderAsync)
        {
            if (!isHeldBack)
            {
                Forget();
                return;
            }

            _since ??= watch._time.GetTimestamp();

            if (!_isTold && HeldFor >= watch._patience)
            {
                var holder = await findHolderAsync().ConfigureAwait(false);

                // Without one, it has ended just now.
                if (holder is not null)
                {
                    Log.HeldBack(watch._logger, watch._context, HeldFor, holder);
                    (_isTold, Holder) = (true, holder);
                }
            }
        }

        public void Dispose() => watch.End(this);

        private void Forget()
        {
            if (_isTold)
            {
                Log.GoesOn(watch._logger, watch._context, HeldFor);
            }

            (_since, _isTold, Holder) = (null, false, null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2200, LogLevel.Warning, "The event feed of {Context} has been held back for {Duration} by {Holder}. Events wait until that transaction ends.")]
        public static partial void HeldBack(ILogger logger, string context, TimeSpan duration, string holder);

        [LoggerMessage(2201, LogLevel.Information, "The event feed of {Context} goes on, after it was held back for {Duration}.")]
        public static partial void GoesOn(ILogger logger, string context, TimeSpan duration);
    }
}
