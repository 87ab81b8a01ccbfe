using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.EventSourcing.Copying.Protocol;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Tests.EventSourcing.Copying.Simulation;

/// <summary>One run of a copy, up to the end that the source had when it began; it may be forgotten at any step.</summary>
internal sealed class SimCopy
{
    private const int Room = 6;

    private readonly SimRandom _random;
    private readonly SimTarget _target;
    private readonly CopyWindow _window;
    private readonly AppendGrouping _grouping = new();
    private readonly Queue<RecordedEvent> _unread;
    private readonly List<CopiedAppend> _underWay = [];
    private readonly List<CopiedAppend> _accepted = [];
    private int _held;
    private bool _isRead;

    public SimCopy(SimRandom random, SimSource source, SimTarget target, Position after)
    {
        (_random, _target, _window) = (random, target, new CopyWindow(after));
        _unread = new(source.Feed.Where(recorded => SimSource.PlaceOf(recorded.Position) > SimSource.PlaceOf(after)));
    }

    /// <summary>Gets the place that a later run may begin behind.</summary>
    public Position Position => _window.Position;

    public bool IsDone => _isRead && _held == 0;

    /// <summary>Gets what it ended with, or <see langword="null"/>.</summary>
    public CopyVerdict? Failure { get; private set; }

    /// <summary>Gets whether two appends of one stream were under way at once.</summary>
    public bool HasOvertaken { get; private set; }

    /// <summary>Gets whether something was taken for copied that is not in the target at its place.</summary>
    public bool HasLied { get; private set; }

    public void Step()
    {
        if (!_isRead && _held < Room && _random.Chance(60))
        {
            Read();
        }
        else if (_underWay.Count > 0)
        {
            Answer(_random.Pick(_underWay));
        }
        else if (_accepted.Count > 0)
        {
            Complete(_random.Pick(_accepted));
        }

        if (_accepted.Count > 0 && _random.Chance(50))
        {
            Complete(_random.Pick(_accepted));
        }
    }

    private void Read()
    {
        _isRead = _unread.Count == 0;

        if ((_isRead ? _grouping.End() : _grouping.Add(_unread.Dequeue())) is not { } append)
        {
            return;
        }

        _held++;

        if (_window.TryBegin(append))
        {
            Begin(append);
        }
    }

    private void Begin(CopiedAppend append)
    {
        HasOvertaken |= _underWay.Concat(_accepted).Any(other => other.Stream == append.Stream);
        _underWay.Add(append);
    }

    // The answer may get lost, whether it was accepted or not; then it is asked for again.
    private void Answer(CopiedAppend append)
    {
        if (_random.Chance(10))
        {
            return;
        }

        var result = _target.Append(append.Stream, append.FirstVersion - 1, append.Id, [.. append.Events.Select(recorded => recorded.Id)]);

        if (_random.Chance(20))
        {
            return;
        }

        var found = _target.EventsOf(append.Stream);
        var verdict = result is { } version ? CopyRule.OfResult(append, version) : CopyRule.OfConflict(append, found.Count);
        verdict = verdict != CopyVerdict.Compare ? verdict : IsSame(append, found) ? CopyVerdict.Copied : CopyVerdict.Foreign;

        if (verdict != CopyVerdict.Copied)
        {
            Failure = verdict;
            return;
        }

        _underWay.Remove(append);
        _accepted.Add(append);
    }

    private static bool IsSame(CopiedAppend append, IReadOnlyList<SimStored> found) =>
        found.Skip((int)append.FirstVersion - 1).Take(append.Events.Count).SequenceEqual(append.Events.Select(recorded => new SimStored(recorded.Id, append.Id)));

    private void Complete(CopiedAppend append)
    {
        HasLied |= !IsSame(append, _target.EventsOf(append.Stream));
        _accepted.Remove(append);
        _held--;

        if (_window.Complete(append) is { } next)
        {
            Begin(next);
        }
    }
}
