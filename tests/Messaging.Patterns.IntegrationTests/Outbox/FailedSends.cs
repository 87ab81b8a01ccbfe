using System.Diagnostics.Metrics;

namespace Messaging.Patterns.IntegrationTests.Outbox;

/// <summary>How often sending failed, as the relay of one context measures it.</summary>
internal sealed class FailedSends : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public FailedSends(string context)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "messaging.patterns.outbox.failed_sends")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags.Contains(new("messaging.patterns.outbox", context)))
            {
                _count = Math.Max(_count, value);
            }
        });
        _listener.Start();
    }

    public long Read()
    {
        _listener.RecordObservableInstruments();
        return _count;
    }

    public void Dispose() => _listener.Dispose();
}
