using Messaging.Patterns.EventSourcing.Copying.Protocol;

namespace Messaging.Patterns.EventSourcing.Copying;

/// <summary>Counts what is done, and tells it now and then.</summary>
internal sealed class CopyReport(EventCopyOptions options)
{
    private readonly long _began = options.Time.GetTimestamp();
    private long _told = options.Time.GetTimestamp();
    private EventCopyProgress _progress = new(options.After, 0, 0, 0, TimeSpan.Zero);

    public void Done(CopiedAppend append, bool wasThere, Position position)
    {
        var events = append.Events.Count;
        _progress = _progress with
        {
            Position = position,
            Appends = _progress.Appends + 1,
            Events = _progress.Events + events,
            AlreadyThere = _progress.AlreadyThere + (wasThere ? events : 0),
        };
        TellIfDue();
    }

    public void Failed(MessagingException failure)
    {
        _progress = _progress with { Retries = _progress.Retries + 1, LastFailure = failure };
        TellIfDue();
    }

    /// <summary>Tells the end.</summary>
    public EventCopyProgress End() => Tell();

    private void TellIfDue()
    {
        if (options.Time.GetElapsedTime(_told) >= options.ProgressInterval)
        {
            Tell();
        }
    }

    private EventCopyProgress Tell()
    {
        _told = options.Time.GetTimestamp();
        _progress = _progress with { Elapsed = options.Time.GetElapsedTime(_began) };
        options.Progress?.Report(_progress);
        return _progress;
    }
}
