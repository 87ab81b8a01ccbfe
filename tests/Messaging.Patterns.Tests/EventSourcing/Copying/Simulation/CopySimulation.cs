using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.EventSourcing.Copying.Protocol;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Tests.EventSourcing.Copying.Simulation;

/// <summary>
/// One seeded history: a source that is written to, copies that end at any step, overlap and begin again behind a place that was remembered some time ago, a target that
/// forgets ids, and sometimes a stranger who writes to it.
/// </summary>
public static class CopySimulation
{
    private const int TroubledSteps = 400;
    private const int StepsUntilStuck = 20_000;

    /// <summary>Plays histories until one violates an invariant, and returns which; an empty text if none does. Mutants are called by it.</summary>
    public static string FindViolations(int from, int count) =>
        Enumerable.Range(from, count).Select(seed => Play(seed)).FirstOrDefault(found => found.Length > 0) ?? "";

    /// <summary>Plays a history and returns the invariant that it violates, or an empty text.</summary>
    public static string Play(long seed)
    {
        try
        {
            return new History(seed).Play() is { } violated ? $"{violated}: seed {seed}." : "";
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or NullReferenceException)
        {
            return $"Broken: seed {seed}.";
        }
    }

    private sealed class History
    {
        private readonly SimRandom _random;
        private readonly SimSource _source;
        private readonly SimTarget _target;
        private readonly List<SimCopy> _copies = [];
        private readonly bool _hasStranger;
        private bool _isDisturbed;
        private bool _isMisplaced;
        private Position _place = Position.Start;

        public History(long seed)
        {
            _random = new SimRandom(seed);
            _source = new SimSource(_random, _random.Between(1, 5));
            _target = new SimTarget(_random.Between(0, 4));
            _hasStranger = _random.Chance(20);
        }

        public string? Play()
        {
            for (var step = 0; step < TroubledSteps; step++)
            {
                if ((Step() ?? Trouble()) is { } violated)
                {
                    return violated;
                }
            }

            if (_random.Chance(20))
            {
                // Somebody begins beyond what was remembered.
                _isMisplaced = true;
                return Finish(Position.At("sim", SimSource.PlaceOf(_place) + _random.Between(1, 10)));
            }

            return Finish(_place);
        }

        private string? Step()
        {
            if (_random.Chance(15))
            {
                _source.Append();
            }

            if (_copies.Count == 0)
            {
                Begin();
            }

            var copy = _random.Pick(_copies);
            copy.Step();

            if (copy.IsDone || copy.Failure is not null)
            {
                _copies.Remove(copy);
            }

            return copy.HasOvertaken ? "Order of streams"
                : copy.HasLied ? "Success is true"
                : copy.Failure is not null && !_isDisturbed ? $"No error without a stranger ({copy.Failure})"
                : null;
        }

        private string? Trouble()
        {
            if (_copies.Count > 0 && _random.Chance(20))
            {
                // Remembering is a step of its own, and a copy that was followed may remember an older place.
                _place = _random.Pick(_copies).Position;

                if (!Covers(_place))
                {
                    return "Place";
                }
            }

            if (_copies.Count > 0 && _random.Chance(3))
            {
                _copies.RemoveAt(_random.Below(_copies.Count));
            }

            if (_random.Chance(2))
            {
                Begin();
            }

            if (_hasStranger && _random.Chance(1))
            {
                _isDisturbed = true;
                var stream = new StreamId("s", $"{_random.Below(5)}");
                _target.Append(stream, _target.EventsOf(stream).Count, new AppendId(new Guid(999, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1])), ["foreign"]);
            }

            return null;
        }

        private void Begin() => _copies.Add(new(_random, _source, _target, _place));

        /// <summary>Copies up to the end, which nobody writes beyond any more.</summary>
        private string? Finish(Position place)
        {
            _place = place;
            _copies.Clear();
            Begin();
            var copy = _copies[0];

            for (var step = 0; !copy.IsDone && copy.Failure is null; step++)
            {
                copy.Step();

                if (step > StepsUntilStuck)
                {
                    return "Progress";
                }
            }

            return copy.HasLied ? "Success is true" : copy.Failure is null && !_isMisplaced && !IsComplete() ? "Complete" : Judge();
        }

        // What is in the target stays there, so the end tells of all that was ever wrong. A stranger may have gone on from anywhere.
        private string? Judge() =>
            _isDisturbed || _source.Streams.All(stream => IsPrefix(_target.EventsOf(stream), stream)) ? null : "Versions kept";

        private bool IsPrefix(IReadOnlyList<SimStored> copied, StreamId stream) =>
            copied.Count <= _source.EventsOf(stream).Count && copied.Select((one, index) => IsSame(one, _source.EventsOf(stream)[index], stream)).All(isSame => isSame);

        // Where the source has no append ids, events appended together still have one.
        private static bool IsSame(SimStored copied, SimStored original, StreamId stream) =>
            copied.EventId == original.EventId && (stream.Id == "0" || copied.Append == original.Append);

        private bool IsComplete() =>
            _source.Streams.All(stream => _target.EventsOf(stream).Select(one => one.EventId).SequenceEqual(_source.EventsOf(stream).Select(one => one.EventId)));

        private bool Covers(Position place) => _isDisturbed || _source.Feed
            .Where(recorded => SimSource.PlaceOf(recorded.Position) <= SimSource.PlaceOf(place))
            .All(recorded => _target.EventsOf(recorded.Stream).Count >= recorded.Version);
    }
}
