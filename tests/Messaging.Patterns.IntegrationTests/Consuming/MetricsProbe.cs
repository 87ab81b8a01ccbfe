using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>Records what one group measures.</summary>
internal sealed class MetricsProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Instrument, double Value)> _measured = new();
    private readonly string _group;

    public MetricsProbe(string group)
    {
        _group = group;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Messaging.Patterns.Kafka")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public double Sum(string instrument) => Of(instrument).Sum();

    public int Count(string instrument) => Of(instrument).Count();

    /// <summary>Waits until an instrument measures a value.</summary>
    public async Task UntilAsync(string instrument, double value)
    {
        while (!Of(instrument).Contains(value))
        {
            _listener.RecordObservableInstruments();
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Returns what an instrument measures now.</summary>
    public double Read(string instrument)
    {
        _listener.RecordObservableInstruments();
        return Of(instrument).Last();
    }

    public void Dispose() => _listener.Dispose();

    private IEnumerable<double> Of(string instrument) => _measured.Where(one => one.Instrument == instrument).Select(one => one.Value);

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == "messaging.consumer.group.name" && (string?)tag.Value == _group)
            {
                _measured.Enqueue((instrument.Name, value));
            }
        }
    }
}
