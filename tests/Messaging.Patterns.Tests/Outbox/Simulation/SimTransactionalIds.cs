using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Messaging.Patterns.Outbox.Protocol;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>The transactional ids of the buckets at the broker, and the way there: whoever takes one over raises its epoch, and a transaction under an older one is never committed.</summary>
internal sealed class SimTransactionalIds(RelaySimulation simulation, SimRandom random, RelayProfile profile)
{
    private readonly List<(TimeSpan At, Action Do)> _underWay = [];
    private readonly int[] _epochs = new int[RelayProfile.Buckets];
    private readonly ReadOnlyMemory<byte>[] _notes = new ReadOnlyMemory<byte>[RelayProfile.Buckets];

    public bool IsIdle => _underWay.Count == 0;

    public void Open(SimRelay relay, int bucket, int session) => Travel(profile.Pause, () =>
    {
        var (epoch, note) = (++_epochs[bucket], _notes[bucket]);

        if (Fails())
        {
            relay.Answered((FencedBuckets buckets) => buckets.NotOpened(bucket, session, Later(relay)));
        }
        else
        {
            relay.Answered((FencedBuckets _) => relay.Opened(bucket, session, epoch, note));
        }
    });

    public void Send(SimRelay relay, FencedBatch batch, int epoch, List<SimRow> contents) => Travel(profile.Pause, () =>
    {
        var poisoned = Enumerable.Range(0, contents.Count).Where(place => simulation.Broker.IsPoison(contents[place].Content)).ToList();

        if (epoch != _epochs[batch.Bucket])
        {
            simulation.Count(RelayHappening.Fenced);
            relay.Answered((FencedBuckets buckets) => buckets.Lost(batch, relay.Now));
        }
        else if (poisoned.Count > 0)
        {
            // Sometimes the broker refuses a batch as a whole, whoever is to blame.
            Abort(relay, batch, random.Chance(50) ? poisoned : [.. Enumerable.Range(0, contents.Count)], RecordStatus.Refused);
        }
        else if (!Fails())
        {
            Commit(batch, contents);
            relay.Answered((FencedBuckets buckets) => buckets.Committed(batch));
        }
        else if (random.Chance(40))
        {
            Abort(relay, batch, random.Chance(50) ? [] : [random.Below(contents.Count)], RecordStatus.Failed);
        }
        else
        {
            LoseAnswer(relay, batch, epoch, contents);
        }
    });

    public void Step()
    {
        if (_underWay.FindAll(one => one.At <= simulation.Now) is { Count: > 0 } here)
        {
            var next = random.Pick(here);
            _underWay.Remove(next);
            next.Do();
        }
    }

    // Some take longer than a lease lasts.
    private void Travel(int late, Action action) => _underWay.Add((simulation.Now + TimeSpan.FromSeconds(!simulation.IsCalm && random.Chance(late) ? random.Between(1, 60) : 0), action));

    private void Abort(SimRelay relay, FencedBatch batch, List<int> blamed, RecordStatus status)
    {
        simulation.Count(RelayHappening.Aborted);
        var isBegun = random.Chance(80);
        var outcomes = blamed.ToDictionary(place => place, _ => new RecordOutcome(status, "simulated"));
        relay.Answered((FencedBuckets buckets) => buckets.Aborted(batch, isBegun, outcomes, _ => false, Later(relay)));
    }

    private void LoseAnswer(SimRelay relay, FencedBatch batch, int epoch, List<SimRow> contents)
    {
        simulation.Count(RelayHappening.CommitUnknown);
        relay.Answered((FencedBuckets buckets) => buckets.Lost(batch, Later(relay)));

        if (random.Chance(50))
        {
            Commit(batch, contents);
        }
        else if (random.Chance(70))
        {
            // The commit comes when whoever asked for it has long given up, or has crashed; maybe too late.
            Travel(late: 100, () =>
            {
                if (epoch == _epochs[batch.Bucket])
                {
                    simulation.Count(RelayHappening.CommittedLate);
                    Commit(batch, contents);
                }
            });
        }
    }

    private void Commit(FencedBatch batch, List<SimRow> contents)
    {
        contents.ForEach(simulation.Broker.Store);
        _notes[batch.Bucket] = batch.Note;
    }

    private bool Fails() => !simulation.IsCalm && random.Chance(profile.SendTrouble);

    private TimeSpan Later(SimRelay relay) => relay.Now + TimeSpan.FromSeconds(random.Between(1, 20));
}
