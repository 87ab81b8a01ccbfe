using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch;

public sealed class PartitionDispatchTests
{
    private readonly MemberDispatch<string> _member = new(new DispatchSettings { MaxConcurrency = 100, MaxRecords = 8, MaxUncommitted = 6 });
    private readonly PartitionDispatch<string> _partition;
    private long _offset;

    public PartitionDispatchTests() => _partition = _member.Assign();

    [Fact]
    public void Records_of_a_key_are_given_out_one_at_a_time_in_their_order()
    {
        Add("a", 5, 6);

        var first = Begin();

        Assert.Equal(5, first[0].Offset);
        Assert.False(_member.TryBegin(new(), isFirst: true));
        _member.Return(first);
        Assert.Equal(6, Begin()[0].Offset);
    }

    [Fact]
    public void A_key_that_is_being_handled_holds_up_no_other_key()
    {
        Add("slow", 5, 6);
        Add("fast", 7, 8);
        var slow = Begin();

        _member.Return(Begin());
        var fast = Begin();

        Assert.Equal((5, 8), (slow[0].Offset, fast[0].Offset));
        _member.Return(fast);
        Assert.Null(_partition.Committable);
    }

    [Fact]
    public void Records_without_a_key_follow_each_other_as_those_of_a_key_do()
    {
        Add("", 5, 6);

        Begin();

        Assert.False(_member.TryBegin(new(), isFirst: true));
    }

    [Fact]
    public void Keys_take_turns()
    {
        Add("a", 1, 2, 3);
        Add("b", 4, 5);
        var order = new List<long>();

        for (var turn = 0; turn < 5; turn++)
        {
            var batch = Begin();
            order.Add(batch[0].Offset);
            _member.Return(batch);
        }

        Assert.Equal([1, 4, 2, 5, 3], order);
    }

    [Fact]
    public void Workers_are_let_catch_up_by_what_is_ready_in_all_partitions_and_not_by_what_waits_for_its_key()
    {
        const int Enough = 1024;
        var member = new MemberDispatch<string>(new DispatchSettings { MaxConcurrency = 1 });
        var (one, other) = (member.Assign(), member.Assign());
        Take(one, _ => "waits", 3 * Enough);
        Assert.True(member.IsAhead);
        Assert.True(member.TryStartWorker());
        Assert.True(member.TryBegin(new(), isFirst: true));
        Assert.True(member.IsCaughtUp);

        Take(other, number => $"key-{number}", Enough - 1);
        Assert.False(member.IsAhead);
        Take(one, number => $"key-{number}", 1);
        Assert.True(member.IsAhead);

        other.Leave();
        Assert.True(member.IsCaughtUp);

        void Take(PartitionDispatch<string> partition, Func<int, string> keyOf, int count)
        {
            for (var number = 0; number < count; number++)
            {
                Assert.True(partition.TryTake(_offset++, 1, "", out var taken));
                member.Enqueue(partition, taken, new(System.Text.Encoding.UTF8.GetBytes(keyOf(number))));
            }
        }
    }

    [Fact]
    public void A_record_that_comes_again_is_left_out()
    {
        Add("a", 5, 6, 5, 6);

        Assert.Equal(2, _member.Records);
    }

    [Fact]
    public void A_failure_stops_its_key_and_keeps_the_commit_before_it_while_what_was_taken_of_other_keys_is_still_handled()
    {
        Add("a", 5, 6);
        Add("b", 7, 8);
        _member.Return(Begin());
        var other = Begin();

        Assert.True(Fail(Begin()));

        Assert.Equal((6L, 6L, 2), (_partition.Committable, _partition.StoppedAt!.Value.Offset, _member.Records));
        _member.Return(other);
        Assert.Equal(8, Begin()[0].Offset);
        Assert.False(_member.TryBegin(new(), isFirst: true));
        Assert.False(_partition.CanTake);
    }

    [Fact]
    public void What_another_key_has_in_hand_when_one_fails_still_counts()
    {
        Add("a", 5);
        Add("b", 6);
        var (first, second) = (Begin(), Begin());

        Fail(second);
        Assert.True(_member.Return(first));

        Assert.Equal(6, _partition.Committable);
    }

    [Fact]
    public void A_stopped_partition_takes_nothing_more()
    {
        Add("a", 5);
        Fail(Begin());

        Add("b", 6);
        _partition.ReachedEnd(7);

        Assert.Equal(0, _member.Records);
        Assert.False(_partition.CanTake);
        Assert.Null(_partition.Committable);
    }

    [Fact]
    public void A_draining_partition_gives_out_nothing_but_counts_what_is_being_handled()
    {
        Add("a", 5, 6);
        var batch = Begin();

        _partition.Drain();

        Assert.Equal(1, _partition.InFlight);
        Assert.True(_member.Return(batch));
        Assert.Equal((6L, 0), (_partition.Committable, _partition.InFlight));
        Assert.False(_member.TryBegin(new(), isFirst: true));
    }

    [Fact]
    public void What_is_done_after_the_partition_left_does_not_count_for_it_nor_for_its_successor()
    {
        Add("a", 5);
        var batch = Begin();
        _partition.Leave();
        var successor = _member.Assign();

        Assert.False(_member.Return(batch));
        Assert.False(Fail(batch));
        Assert.Null(_partition.Committable);
        Assert.Null(successor.Committable);
    }

    [Fact]
    public void The_end_of_the_partition_is_committed_when_everything_before_it_is_done()
    {
        Add("a", 5);
        _partition.ReachedEnd(8);
        Assert.Null(_partition.Committable);

        _member.Return(Begin());

        Assert.Equal(8, _partition.Committable);
    }

    [Fact]
    public void What_is_passed_over_is_done_in_its_place()
    {
        Add("a", 5);
        Assert.True(_partition.TryTake(6, 1, "empty", out var empty));
        _partition.PassOver(empty);
        Assert.Null(_partition.Committable);

        _member.Return(Begin());

        Assert.Equal((7L, 0), (_partition.Committable, _member.Records));
    }

    [Fact]
    public void A_paused_partition_goes_on_when_half_of_its_room_is_free()
    {
        var member = new MemberDispatch<string>(new DispatchSettings { MaxConcurrency = 100, MaxRecords = 8 });
        var (partition, other) = (member.Assign(), member.Assign());
        Add(member, partition, "a", 1, 2, 3, 4, 5, 6);
        Assert.False(partition.CanTake);
        Assert.True(other.CanTake);
        partition.Pause();
        var batch = new WorkBatch<string>();

        for (var turn = 0; turn < 2; turn++)
        {
            Assert.False(partition.TryResume());
            Assert.True(member.TryBegin(batch, isFirst: true));
            member.Return(batch);
        }

        Assert.True(partition.TryResume());
        Assert.False(partition.IsPaused);
    }

    [Fact]
    public void A_stopped_partition_stays_paused()
    {
        Add("a", 1);
        _partition.Pause();
        _partition.Stop();

        Assert.False(_partition.TryResume());
    }

    [Fact]
    public void A_key_that_hangs_lets_only_so_many_records_pass()
    {
        Add("hangs", 1);
        Begin();

        for (var offset = 2; _partition.CanTake; offset++)
        {
            Add("passes", offset);
            _member.Return(Begin());
        }

        Assert.Equal((6, 1), (_member.Records + 5, _partition.InFlight));
    }

    [Theory]
    [InlineData(ProcessingOrder.PerKey, new long[] { 1, 2, 4, 5 })]
    [InlineData(ProcessingOrder.PerPartition, new long[] { 1, 2, 3, 4 })]
    [InlineData(ProcessingOrder.Unordered, new long[] { 1, 2, 3, 4 })]
    public void A_batch_is_in_the_order_of_offsets_and_holds_a_key_to_itself(ProcessingOrder ordering, long[] expected)
    {
        var member = new MemberDispatch<string>(new DispatchSettings { Ordering = ordering, BatchSize = 4, MaxConcurrency = 2 });
        var partition = member.Assign();
        Add(member, partition, "a", 1);
        var isBusy = ordering == ProcessingOrder.PerKey;

        foreach (var (key, offset) in new[] { ("b", 2L), (isBusy ? "c" : "b", 3), ("a", 4), ("b", 5) })
        {
            Add(member, partition, key, offset);
        }

        var batch = new WorkBatch<string>();
        Assert.True(member.TryBegin(batch, isFirst: true));

        Assert.Equal(expected, Enumerable.Range(0, batch.Count).Select(index => batch[index].Offset));
    }

    [Fact]
    public void A_batch_waits_for_others_up_to_its_limit_of_time()
    {
        var member = new MemberDispatch<string>(new DispatchSettings { BatchSize = 3, BatchTimeout = 10 });
        var partition = member.Assign();
        member.Advance(100);
        Add(member, partition, "a", 1);
        Assert.False(member.TryStartWorker());
        Assert.Equal(110, member.NextDue);

        member.Advance(109);
        Assert.False(member.TryStartWorker());
        member.Advance(110);

        Assert.True(member.TryStartWorker());
    }

    [Fact]
    public void A_batch_that_is_full_does_not_wait()
    {
        var member = new MemberDispatch<string>(new DispatchSettings { BatchSize = 3, BatchTimeout = 10 });
        var partition = member.Assign();

        for (var offset = 0; offset < 3; offset++)
        {
            Assert.False(member.TryStartWorker());
            Add(member, partition, "a", offset);
        }

        Assert.True(member.TryStartWorker());
    }

    [Fact]
    public void Workers_start_one_after_another_while_there_is_work()
    {
        Add("a", 1);
        Add("b", 2);

        Assert.True(_member.TryStartWorker());
        Assert.False(_member.TryStartWorker());
        Begin();
        Assert.True(_member.TryStartWorker());
        Begin();
        Assert.False(_member.TryStartWorker());
        Assert.Equal(2, _member.Workers);
    }

    private static void Add(MemberDispatch<string> member, PartitionDispatch<string> partition, string key, params long[] offsets)
    {
        foreach (var offset in offsets)
        {
            if (partition.TryTake(offset, 1, $"record {offset}", out var taken))
            {
                member.Enqueue(partition, taken, new RecordKey(System.Text.Encoding.UTF8.GetBytes(key)));
            }
        }
    }

    private bool Fail(WorkBatch<string> batch)
    {
        batch.SetNotDone(0, WorkOutcome.Failed, batch[0].Record);
        return _member.Return(batch);
    }

    private void Add(string key, params long[] offsets) => Add(_member, _partition, key, offsets);

    private WorkBatch<string> Begin()
    {
        var batch = new WorkBatch<string>();
        Assert.True(_member.TryBegin(batch, isFirst: true));
        return batch;
    }
}
