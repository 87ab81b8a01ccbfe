using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>The broker and the way there: what is sent is stored or not, and the answer comes or not, sooner or later.</summary>
internal sealed class SimBroker(RelaySimulation simulation, SimRandom random, RelayProfile profile)
{
    private readonly List<(SimRelay Relay, RelayRow Row, SimRow Content)> _underWay = [];
    private readonly List<SimRow> _lateCopies = [];
    private readonly HashSet<long> _stored = [];
    private readonly Dictionary<long, bool> _poison = [];

    public List<SimRow> Log { get; } = [];

    public bool IsIdle => _underWay.Count + _lateCopies.Count == 0;

    public bool IsStored(long content) => _stored.Contains(content);

    public void Cure(long content) => _poison[content] = false;

    public void Send(SimRelay relay, RelayRow row, SimRow content) => _underWay.Add((relay, row, content));

    public void Step()
    {
        if (_lateCopies.Count > 0 && (random.Chance(30) || _underWay.Count == 0))
        {
            // A copy whose sender has long been told that nobody knows, or that has crashed.
            var copy = random.Pick(_lateCopies);
            _lateCopies.Remove(copy);
            Store(copy);
            return;
        }

        if (_underWay.Count == 0)
        {
            return;
        }

        var sent = random.Pick(_underWay);
        _underWay.Remove(sent);
        Answer(sent.Relay, sent.Row, sent.Content);
    }

    private void Answer(SimRelay relay, RelayRow row, SimRow content)
    {
        if (IsPoison(content.Content))
        {
            simulation.Count(RelayHappening.Refused);
            relay.Answered(queue => queue.Refuse(row, "poison"));
        }
        else if (!simulation.IsCalm && random.Chance(profile.SendTrouble))
        {
            if (random.Chance(60))
            {
                simulation.Count(RelayHappening.Unknown);

                if (random.Chance(50))
                {
                    Store(content);
                }
                else
                {
                    _lateCopies.Add(content);
                }
            }

            relay.Answered(queue => queue.Failed(row, "no answer", relay.Now + TimeSpan.FromSeconds(random.Between(1, 20))));
        }
        else
        {
            Store(content);
            relay.Answered(queue => queue.Acknowledged(row));
        }
    }

    public bool IsPoison(long content)
    {
        if (!_poison.TryGetValue(content, out var isPoison))
        {
            _poison[content] = isPoison = !simulation.IsCalm && random.Chance(profile.Poison);
        }

        return isPoison;
    }

    public void Store(SimRow row)
    {
        Log.Add(row);
        simulation.Note($"stored {row.Key}:{row.Content}");

        if (!_stored.Add(row.Content))
        {
            simulation.Count(RelayHappening.Repeated);

            // Without the order of keys, a replay repeats what was sent behind a parked row and not deleted yet.
            if (profile.IsInTransactions && !(profile.OthersFollow && profile.Poison > 0))
            {
                simulation.Violate(RelayInvariant.ExactlyOnce, $"{row.Key}:{row.Content} is in the log twice");
            }

            if (profile.IsQuiet)
            {
                simulation.Violate(RelayInvariant.NoNeedlessRepeats, $"{row.Key}:{row.Content} is in the log twice");
            }
        }
    }
}
