using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

/// <summary>A topic, and the members of a group that come, go, crash and handle it: one history per seed.</summary>
internal sealed class DispatchSimulation
{
    private const int StepsUntilStuck = 200_000;

    private readonly SimRandom _random;
    private readonly DispatchProfile _profile;
    private readonly List<SimTopicPartition> _partitions = [];
    private readonly List<SimMember> _members = [];
    private readonly HashSet<(int Partition, long Offset)> _begun = [];
    private readonly List<SimAssignment> _unawareOfLoss = [];
    private readonly bool _isTraced;
    private long _now;

    private DispatchSimulation(long seed, DispatchMutation mutation, bool isTraced)
    {
        (Mutation, _isTraced) = (mutation, isTraced);
        _random = new SimRandom(seed);
        _profile = DispatchProfile.Draw(_random);
        Note($"{_profile}");
    }

    public DispatchMutation Mutation { get; }

    public long Now => _now;

    /// <summary>Gets whether nothing goes wrong any more.</summary>
    public bool IsCalm { get; private set; }

    public List<(DispatchInvariant Invariant, string Text)> Violations { get; } = [];

    public List<string> Trace { get; } = [];

    public Dictionary<DispatchHappening, int> Happenings { get; } = [];

    /// <summary>Plays the history of a seed and checks it.</summary>
    public static DispatchSimulation Run(long seed, DispatchMutation mutation = DispatchMutation.None, bool isTraced = false)
    {
        var simulation = new DispatchSimulation(seed, mutation, isTraced);

        try
        {
            simulation.Play();
        }
        catch (Exception fault) when (mutation == DispatchMutation.None)
        {
            throw new InvalidOperationException($"The history of seed {seed} failed.\n{string.Join('\n', simulation.Trace)}", fault);
        }

        return simulation;
    }

    public void Violate(DispatchInvariant invariant, string text) => Violations.Add((invariant, text));

    public void Count(DispatchHappening happening) => Happenings[happening] = Happenings.GetValueOrDefault(happening) + 1;

    public void Note(FormattableString text)
    {
        if (_isTraced)
        {
            Trace.Add($"{_now,5}  {FormattableString.Invariant(text)}");
        }
    }

    /// <summary>A member handles records from now on.</summary>
    public void GaveOut(WorkBatch<SimDelivery> batch, int running)
    {
        Count(batch.Count > 1 ? DispatchHappening.HandledTogether : DispatchHappening.SideBySide, batch.Count > 1 || running > 1);
        var together = Enumerable.Range(0, batch.Count).Select(index => batch[index]).ToList();

        foreach (var taken in together)
        {
            var (assignment, record) = taken.Record;
            Note($"{record} of {assignment.Partition.Number} begins");
            Count(DispatchHappening.HandledAgain, !_begun.Add((assignment.Partition.Number, record.Offset)));

            CheckPatience(batch, assignment, record);

            if (assignment.IsQuiet)
            {
                Violate(DispatchInvariant.QuietWhenLeaving, $"{record} of {assignment.Partition.Number} is given out");
            }

            if (MustBeDoneBefore(assignment, record).FirstOrDefault(earlier => !IsBefore(together, earlier, record)) is { } open)
            {
                Violate(DispatchInvariant.OrderOfKeys, $"{record} of {assignment.Partition.Number} is given out before {open} is done");
            }
        }
    }

    public void Commit(SimAssignment assignment, long next)
    {
        if (_unawareOfLoss.Contains(assignment))
        {
            // The brokers know it for no member any more.
            return;
        }

        Note($"{assignment.Partition.Number} is committed at {next}");
        Count(DispatchHappening.Committed);
        Count(DispatchHappening.CommittedBehindAGap, assignment.Done.Any(done => done > next));

        if (!assignment.IsDoneBefore(next))
        {
            Violate(DispatchInvariant.CommitNotAhead, $"{assignment.Partition.Number} is committed at {next}");
        }

        if (assignment.Partition.Owner != assignment)
        {
            Violate(DispatchInvariant.OwnerCommits, $"{assignment.Partition.Number} is committed by a former owner");
        }

        assignment.Partition.Committed = next;
    }

    private static bool IsBefore(List<TakenRecord<SimDelivery>> together, SimRecord earlier, SimRecord record)
    {
        var place = together.FindIndex(taken => taken.Offset == earlier.Offset);
        return place >= 0 && place < together.FindIndex(taken => taken.Offset == record.Offset);
    }

    private IEnumerable<SimRecord> MustBeDoneBefore(SimAssignment assignment, SimRecord record) => _profile.Settings.Ordering == ProcessingOrder.Unordered ? [] :
        assignment.Partition.Log.Where(earlier => earlier.Offset >= assignment.Start && earlier.Offset < record.Offset && !earlier.IsEmpty
            && (_profile.Settings.Ordering == ProcessingOrder.PerPartition || earlier.KeyNumber == record.KeyNumber) && !assignment.Done.Contains(earlier.Offset));

    public void Count(DispatchHappening happening, bool happened)
    {
        if (happened)
        {
            Count(happening);
        }
    }

    private void Play()
    {
        Fill();
        _members.Add(new SimMember(this, _random, _profile));
        _members.Add(new SimMember(this, _random, _profile));

        for (var step = 0; step < _profile.Steps; step++)
        {
            Step();

            if (_random.Chance(_profile.Trouble))
            {
                Trouble();
            }
        }

        Heal();
    }

    private void Fill()
    {
        for (var number = 0; number < _profile.Partitions; number++)
        {
            var partition = new SimTopicPartition(number);
            _partitions.Add(partition);

            for (var count = 0; count < _profile.Records; count++)
            {
                partition.End += _random.Chance(_profile.Hole) ? _random.Pick([1, 5, 1_000_000]) : 0;
                partition.Log.Add(new(partition.End++, _random.Below(_profile.Keys), _random.Between(1, DispatchProfile.LargestRecord), _random.Chance(_profile.Empty), _random.Chance(_profile.Poison)));
            }

            partition.End += _random.Below(3);
        }
    }

    private void Step()
    {
        _now++;

        foreach (var partition in _partitions.Where(partition => partition.Owner is null && _random.Chance(20)))
        {
            Assign(partition, _random.Pick(_members));
        }

        var member = _random.Pick(_members);
        var what = _random.Below(10);

        if (what < 4)
        {
            member.Poll();
        }
        else if (what < 5)
        {
            member.Judge();
        }
        else if (what < 9)
        {
            member.Work();
        }
        else
        {
            member.Commit();
        }

        member.Tick(_now);
        CheckMemory(member);
        CheckWorkers(member);
        member.Assignments.ForEach(CheckSpan);
    }

    private void Trouble()
    {
        var member = _random.Pick(_members);

        if (_random.Chance(50))
        {
            NoticeLosses(_ => true);
        }
        else if (_random.Chance(30))
        {
            member.ChangeConcurrency(_random.Between(1, 5));
        }
        else if (_random.Chance(10))
        {
            Crash(member);
        }
        else if (_random.TryPick(member.Assignments.Where(one => one.Partition.Owner == one), out var assignment))
        {
            Part(member, assignment);
        }
    }

    /// <summary>A partition leaves: drained, drained in part, or lost, which its member notices later.</summary>
    private void Part(SimMember member, SimAssignment assignment)
    {
        if (_random.Chance(30))
        {
            Note($"{assignment.Partition.Number} is lost");
            Count(DispatchHappening.Lost);
            assignment.Partition.Owner = null;
            _unawareOfLoss.Add(assignment);
            return;
        }

        Note($"{assignment.Partition.Number} is revoked");
        Count(DispatchHappening.Revoked);
        member.Drain(assignment);

        for (var patience = _random.Below(6); patience > 0 && member.IsBusyWith(assignment); patience--)
        {
            member.Work();
        }

        Count(DispatchHappening.LeftWithHandlersRunning, member.IsBusyWith(assignment));
        member.Leave(assignment, isLost: false);
    }

    private void Assign(SimTopicPartition partition, SimMember member)
    {
        NoticeLosses(assignment => assignment.Member == member && assignment.Partition == partition);
        member.Assign(partition);
    }

    private void NoticeLosses(Predicate<SimAssignment> which)
    {
        var lost = _unawareOfLoss.FindAll(which);
        _unawareOfLoss.RemoveAll(which);
        lost.ForEach(assignment => assignment.Member.Leave(assignment, isLost: true));
    }

    private void Crash(SimMember member)
    {
        Note($"a member crashes");
        Count(DispatchHappening.Crashed);
        _members.Remove(member);
        _unawareOfLoss.RemoveAll(assignment => assignment.Member == member);
        _members.Add(new SimMember(this, _random, _profile));

        foreach (var partition in _partitions.Where(partition => partition.Owner?.Member == member))
        {
            partition.Owner = null;
        }
    }

    /// <summary>Nothing goes wrong any more, and whatever has stopped is started again: everything must get done.</summary>
    private void Heal()
    {
        IsCalm = true;
        NoticeLosses(_ => true);
        CheckOthers();

        foreach (var assignment in _members.SelectMany(member => member.Assignments).Where(one => !one.HasLeft && (one.IsQuiet || one.HasStopped || one.Dispatch.StoppedAt is not null)).ToList())
        {
            assignment.Member.Leave(assignment, isLost: false);
        }

        for (var step = 0; step < StepsUntilStuck && !IsDone(); step++)
        {
            Step();
        }

        foreach (var partition in _partitions.Where(partition => partition.Committed != partition.End || partition.Log.Exists(record => !record.IsEmpty && !partition.Handled.Contains(record.Offset))))
        {
            Violate(DispatchInvariant.Progress, $"{partition.Number} is committed at {partition.Committed} of {partition.End}, handled {partition.Handled.Count} of {partition.Log.Count}");
        }

        if (_members.Exists(member => !member.IsIdle || member.Dispatch is not { Workers: 0, Records: 0, Bytes: 0 }))
        {
            Violate(DispatchInvariant.Progress, "members are not at rest, though there is nothing to do");
        }
    }

    private bool IsDone() => _partitions.TrueForAll(partition => partition.Committed == partition.End) && _members.TrueForAll(member => member.IsIdle);

    private void CheckWorkers(SimMember member)
    {
        if (member.Dispatch.WantsWorker)
        {
            Violate(DispatchInvariant.NoIdleWorker, "there is work for one more worker, and none is started");
        }
    }

    /// <summary>What failed comes again alone, not before its time, and not once its time was over when it failed.</summary>
    private void CheckPatience(WorkBatch<SimDelivery> batch, SimAssignment assignment, SimRecord record)
    {
        var parking = _profile.Settings.Parking;

        if (!assignment.FailedSince.TryGetValue(record.Offset, out var since))
        {
            if (batch.Purpose == WorkPurpose.SetAside)
            {
                Violate(DispatchInvariant.Patience, $"{record} is to be set aside and never failed");
            }

            return;
        }

        var last = assignment.FailedLast[record.Offset];
        Count(DispatchHappening.TriedLater, batch.Purpose == WorkPurpose.Handle);
        Count(DispatchHappening.GivenUpForTheSpan, batch.Purpose == WorkPurpose.SetAside && parking.Retries is null && _now - since < parking.MaxTime);

        if (batch.Count > 1)
        {
            Violate(DispatchInvariant.Patience, $"{record} failed and comes again with others");
        }

        if (batch.Purpose == WorkPurpose.Handle && (_now < Math.Min(last + Math.Min(parking.Delay, parking.MaxDelay), since + parking.MaxTime) || last - since >= parking.MaxTime))
        {
            Violate(DispatchInvariant.Patience, $"{record} failed since {since}, last at {last}, and is tried again");
        }
    }

    /// <summary>The key that holds the commit back is given up once the span is full, and not waited for.</summary>
    private void CheckSpan(SimAssignment assignment)
    {
        // What is not judged yet may be looked at any moment.
        if (assignment.IsQuiet || assignment.HasLeft || assignment.Intake.Count > 0 || assignment.Dispatch.Parked.Count == 0)
        {
            return;
        }

        // A partition that has stopped takes nothing of what is still fetched, so the span grows no more.
        var taken = assignment.Partition.Log.Where(record => record.Offset >= assignment.Start && record.Offset <= assignment.LastTaken).SkipWhile(record => assignment.Done.Contains(record.Offset)).ToList();

        if (taken.Count >= _profile.Settings.MaxUncommitted && assignment.Dispatch.Parked.Any(chain => chain.Parking is { IsOver: false } parking && parking.Failed.Offset == taken[0].Offset))
        {
            Violate(DispatchInvariant.Patience, $"{taken[0]} holds {taken.Count} records back and is waited for");
        }
    }

    /// <summary>Whatever was taken gets done without anything new being taken, but for keys at whose failure a partition stopped.</summary>
    private void CheckOthers()
    {
        for (var step = 0; step < StepsUntilStuck && _members.Exists(member => !member.IsAtRest); step++)
        {
            _now++;
            var member = _random.Pick(_members);
            member.Judge();
            member.Work();
            member.Tick(_now);
        }

        foreach (var assignment in _members.SelectMany(member => member.Assignments).Where(one => !one.HasLeft && !one.IsQuiet))
        {
            var failed = assignment.Dispatch.StoppedAt is null ? [] : assignment.Enqueued.Where(record => assignment.FailedSince.ContainsKey(record.Offset) && !assignment.Done.Contains(record.Offset)).ToList();

            foreach (var record in assignment.Enqueued.Where(record => !assignment.Done.Contains(record.Offset) && !failed.Exists(one => IsBehind(record, one))))
            {
                Violate(DispatchInvariant.OthersGoOn, $"{record} of {assignment.Partition.Number} is left lying");
            }
        }
    }

    private bool IsBehind(SimRecord record, SimRecord other) => record.Offset >= other.Offset && _profile.Settings.Ordering switch
    {
        ProcessingOrder.PerKey => record.KeyNumber == other.KeyNumber,
        ProcessingOrder.PerPartition => true,
        _ => record.Offset == other.Offset,
    };

    private void CheckMemory(SimMember member)
    {
        var (settings, partitions) = (_profile.Settings, _partitions.Count);

        // Each partition may have one place of its own, and one record more than fits; those that come when all is full have the places of their own besides.
        if (member.Dispatch.Records > (settings.MaxRecords * 3 / 2) + (2 * partitions))
        {
            Violate(DispatchInvariant.MemoryBound, $"{member.Dispatch.Records} records are held, the limit is {settings.MaxRecords}");
        }

        var waiting = member.Assignments.SelectMany(one => one.Dispatch.Parked).Select(chain => chain.Parking!).Where(parking => !parking.IsOver).ToList();

        if (waiting.Sum(parking => parking.Records) > settings.Parking.MaxRecords || waiting.Sum(parking => parking.Bytes) > settings.Parking.MaxBytes)
        {
            Violate(DispatchInvariant.MemoryBound, $"parked keys hold {waiting.Sum(parking => parking.Records)} records");
        }

        if (member.Dispatch.Bytes > (settings.MaxBytes * 3 / 2) + (((2 * partitions) + 1) * DispatchProfile.LargestRecord))
        {
            Violate(DispatchInvariant.MemoryBound, $"{member.Dispatch.Bytes} bytes are held, the limit is {settings.MaxBytes}");
        }
    }
}
