using System.Text;
using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch;

/// <summary>A key whose record failed waits, is tried again, and is given up; other keys go on.</summary>
public sealed class ParkingTests
{
    private static readonly ParkingSettings Patient = new() { Retries = null, Delay = 10, MaxDelay = 40, MaxTime = 200, SetsAside = true };

    private MemberDispatch<string> _member = null!;
    private PartitionDispatch<string> _partition = null!;

    public ParkingTests() => Start(Patient);

    [Fact]
    public void A_key_that_failed_waits_and_others_go_on()
    {
        Add("poison", 1, 2);
        Add("other", 3, 4);
        Fail(Begin());

        Assert.Equal([3, 4], new[] { Done(), Done() });

        Assert.False(_member.TryBegin(new(), isFirst: true));
        Assert.Equal((null, 1, 2, 10L), (_partition.Committable, _member.ParkedKeys, _member.ParkedRecords, _member.NextDue));
    }

    [Fact]
    public void It_is_tried_again_later_and_later_and_goes_on_in_its_order_once_it_works()
    {
        Add("poison", 1, 2);
        Fail(Begin());

        foreach (var due in new long[] { 10, 30, 70, 110 })
        {
            Assert.Equal(due, _member.NextDue);
            _member.Advance(due - 1);
            Assert.False(_member.WantsWorker);
            _member.Advance(due);
            Assert.Equal(1, FailAgain(Begin()));
        }

        _member.Advance(150);
        Assert.Equal([1, 2], new[] { Done(), Done() });
        Assert.Equal((3L, 0, 0, 0), (_partition.Committable, _member.ParkedKeys, _member.ParkedRecords, _member.Records));
    }

    [Fact]
    public void What_failed_comes_again_as_it_was_left_and_alone()
    {
        Start(Patient, batchSize: 4);
        Add("poison", 1, 2, 3);
        var batch = Begin();
        Assert.Equal(3, batch.Count);
        batch.SetNotDone(1, WorkOutcome.Failed, "the rest of 2");
        batch.SetNotDone(2, WorkOutcome.Untried, batch[2].Record);
        _member.Return(batch);
        Assert.Equal(2, _partition.Committable);

        _member.Advance(10);
        var again = Begin();

        Assert.Equal((1, 2L, "the rest of 2"), (again.Count, again[0].Offset, again[0].Record));
        _member.Return(again);
        Assert.Equal(3, Done());
    }

    [Fact]
    public void Another_event_of_the_same_record_has_patience_of_its_own()
    {
        Start(Patient with { Retries = 1 });
        Add("poison", 1);
        Fail(Begin());
        _member.Advance(10);

        Fail(Begin());

        Assert.Equal(20, _member.NextDue);
    }

    [Fact]
    public void Without_later_tries_it_is_set_aside_at_once()
    {
        Start(Patient with { Retries = 0 });
        Add("poison", 1, 2);
        Fail(Begin());

        var aside = Begin();

        Assert.Equal((WorkPurpose.SetAside, 1L), (aside.Purpose, aside[0].Offset));
        _member.Return(aside);
        var next = Begin();
        Assert.Equal((WorkPurpose.Handle, 2L, 2L), (next.Purpose, next[0].Offset, _partition.Committable));
    }

    [Fact]
    public void After_the_last_later_try_it_is_set_aside()
    {
        Start(Patient with { Retries = 2 });
        Add("poison", 1);
        Fail(Begin());

        foreach (var due in new long[] { 10, 30 })
        {
            _member.Advance(due);
            var retry = Begin();
            Assert.Equal(WorkPurpose.Handle, retry.Purpose);
            FailAgain(retry);
        }

        Assert.Equal(WorkPurpose.SetAside, Begin().Purpose);
    }

    [Fact]
    public void When_its_time_is_over_it_is_tried_a_last_time_and_set_aside()
    {
        Start(Patient with { Delay = 150, MaxDelay = 1_000 });
        Add("poison", 1);
        Fail(Begin());
        _member.Advance(150);
        FailAgain(Begin());
        Assert.Equal(200, _member.NextDue);
        _member.Advance(200);

        FailAgain(Begin());

        Assert.Equal(WorkPurpose.SetAside, Begin().Purpose);
    }

    [Fact]
    public void What_cannot_be_set_aside_is_tried_for_as_long_again_and_then_stops_the_partition()
    {
        Start(Patient with { Retries = 0, Delay = 100, MaxDelay = 100 });
        Add("poison", 1, 2);
        Add("other", 3);
        Fail(Begin());

        foreach (var due in new long[] { 100, 200 })
        {
            FailAgain(BeginToSetAside());
            Assert.Equal(due, _member.NextDue);
            _member.Advance(due);
        }

        FailAgain(BeginToSetAside());

        Assert.Equal((1L, null, 1), (_partition.StoppedAt?.Offset, _partition.Committable, _member.Records));
        Assert.Equal(3, Done());
    }

    [Fact]
    public void Without_setting_aside_the_partition_stops_when_the_patience_ends()
    {
        Start(Patient with { SetsAside = false, Retries = 1 });
        Add("poison", 1, 2);
        Add("other", 3);
        Fail(Begin());
        _member.Advance(10);

        FailAgain(Begin());

        Assert.Equal(1, _partition.StoppedAt?.Offset);
        Assert.Equal(3, Done());
        Assert.False(_member.TryBegin(new(), isFirst: true));
    }

    [Fact]
    public void What_fails_for_good_stops_the_partition_whatever_the_patience()
    {
        Add("poison", 1, 2);
        Add("other", 3);
        var batch = Begin();
        batch.SetNotDone(0, WorkOutcome.FailedForGood, batch[0].Record);
        _member.Return(batch);

        Assert.Equal((1L, 0), (_partition.StoppedAt?.Offset, _member.ParkedKeys));
        Assert.Equal(3, Done());
        Assert.False(_partition.IsOpen);
    }

    [Fact]
    public void More_records_of_parked_keys_than_may_be_end_the_patience_with_the_key_that_got_one_more()
    {
        Start(Patient with { MaxRecords = 3 });
        Add("poison", 1);
        Fail(Begin());
        Add("bane", 2);
        Fail(Begin());
        Add("bane", 3);
        Assert.False(_member.WantsWorker);

        Add("bane", 4);

        var aside = BeginToSetAside();
        Assert.Equal(2, aside[0].Offset);
        _member.Return(aside);
        Assert.Equal([3, 4], new[] { Done(), Done() });
        Assert.Equal(1, _member.ParkedRecords);
    }

    [Fact]
    public void A_span_that_is_full_ends_the_patience_with_the_key_that_holds_the_commit_back()
    {
        Start(Patient, maxUncommitted: 4);
        Add("poison", 1);
        Fail(Begin());
        Add("bane", 2);
        Fail(Begin());
        Add("other", 3, 4);

        var aside = BeginToSetAside();

        Assert.Equal(1, aside[0].Offset);
        _member.Return(aside);
        Assert.Equal(2, _partition.Committable);
        Assert.Equal(3, Done());
    }

    [Fact]
    public void A_key_that_is_being_tried_when_its_patience_ends_has_that_last_chance()
    {
        Start(Patient with { MaxRecords = 1 });
        Add("poison", 1);
        Fail(Begin());
        _member.Advance(10);
        var chance = Begin();
        Add("poison", 2);
        Assert.Equal(WorkPurpose.Handle, chance.Purpose);

        FailAgain(chance);

        Assert.Equal(1, BeginToSetAside()[0].Offset);
    }

    [Fact]
    public void What_is_parked_when_the_partition_leaves_is_dropped_and_never_woken()
    {
        Add("poison", 1, 2);
        Fail(Begin());

        _partition.Drain();
        _partition.Leave();

        Assert.Equal((0, 0, 0, null), (_member.ParkedKeys, _member.ParkedRecords, _member.Records, _member.NextDue));
        _member.Advance(1_000);
        Assert.False(_member.WantsWorker);
    }

    private void Start(ParkingSettings parking, int batchSize = 1, int maxUncommitted = 1_000)
    {
        _member = new(new DispatchSettings { MaxConcurrency = 100, BatchSize = batchSize, MaxUncommitted = maxUncommitted, Parking = parking });
        _partition = _member.Assign();
    }

    private void Add(string key, params long[] offsets)
    {
        foreach (var offset in offsets)
        {
            Assert.True(_partition.TryTake(offset, 1, $"record {offset}", out var taken));
            _member.Enqueue(_partition, taken, new RecordKey(Encoding.UTF8.GetBytes(key)));
        }
    }

    private WorkBatch<string> Begin()
    {
        var batch = new WorkBatch<string>();
        Assert.True(_member.TryBegin(batch, isFirst: true));
        return batch;
    }

    private WorkBatch<string> BeginToSetAside()
    {
        var batch = Begin();
        Assert.Equal(WorkPurpose.SetAside, batch.Purpose);
        return batch;
    }

    private void Fail(WorkBatch<string> batch) => Return(batch, WorkOutcome.Failed);

    private long FailAgain(WorkBatch<string> batch)
    {
        var offset = batch[0].Offset;
        Return(batch, WorkOutcome.FailedAgain);
        return offset;
    }

    private void Return(WorkBatch<string> batch, WorkOutcome outcome)
    {
        batch.SetNotDone(0, outcome, batch[0].Record);
        Assert.True(_member.Return(batch));
    }

    /// <summary>Handles what is given out next, and returns its offset.</summary>
    private long Done()
    {
        var batch = Begin();
        var offset = batch[0].Offset;
        _member.Return(batch);
        return offset;
    }
}
