using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>One stream to which several writers append all the time, each at its own distance from the broker. Time is counted in microseconds.</summary>
internal sealed class HotStream(long seed, bool isYielding = true)
{
    public static readonly StreamKey Stream = new(1);

    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly SimRandom _random = new(seed);
    private readonly List<HotWriter> _writers = [];
    private long _order;

    public long Now { get; private set; }

    /// <summary>Gets whether a writer that is asked to yield does.</summary>
    public bool IsYielding { get; } = isYielding;

    public List<FrameHeader> Log { get; } = [];

    /// <summary>Adds a writer.</summary>
    /// <param name="way">How long a request takes to the broker, and its answer back.</param>
    /// <param name="callers">How many callers it has, each of which appends again as soon as it is answered.</param>
    public HotWriter Add(long way, int callers = 1)
    {
        var writer = new HotWriter(this, _writers.Count, way, callers);
        _writers.Add(writer);
        return writer;
    }

    public void Run(TimeSpan time)
    {
        foreach (var writer in _writers)
        {
            writer.Start();
        }

        while (_events.TryDequeue(out var next, out var at) && at.At <= time.TotalMicroseconds)
        {
            Now = at.At;
            next();
        }
    }

    public void After(long delay, Action action) => _events.Enqueue(action, (Now + delay, _order++));

    /// <summary>Does something one way later, give or take a tenth.</summary>
    public void AfterWay(long way, Action action) => After(way - (way / 10) + _random.Below(Math.Max(1, (int)way / 5)), action);

    public long Land(in FrameHeader frame)
    {
        Log.Add(frame);

        foreach (var writer in _writers)
        {
            AfterWay(writer.Way, writer.Fetch);
        }

        return Log.Count - 1;
    }
}
