using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Control;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control;

/// <summary>What the owner of a partition does, step by step.</summary>
public sealed class PartitionControlTests
{
    private readonly PartitionOrders _orders = new();

    [Fact]
    public void Nothing_is_given_out_before_the_control_topic_is_read_to_its_end()
    {
        var control = new PartitionControl(_orders);

        Assert.IsType<ControlStep.Wait>(control.Next(read: 100, committed: 0));
        control.Came(end: 5);
        Assert.IsType<ControlStep.Wait>(control.Next(read: 4, committed: 0));
        Assert.IsType<ControlStep.Begin>(control.Next(read: 5, committed: 0));
    }

    [Fact]
    public void A_rewind_stops_sets_acknowledges_and_goes_on()
    {
        var control = Running();
        _orders.Apply(7, new ControlEntry.Rewind("1", 1, Target: 10, Handled: 90, DateTimeOffset.UnixEpoch));

        Assert.IsType<ControlStep.Quiesce>(control.Next(8, 100));
        Assert.IsType<ControlStep.Wait>(control.Next(8, 100));
        control.Quiesced();
        var set = Assert.IsType<ControlStep.SetPosition>(control.Next(8, 100));
        Assert.Equal((10, 7), (set.Target, set.Epoch));
        control.Set(set);
        var acknowledge = Assert.IsType<ControlStep.Acknowledge>(control.Next(8, 100));
        Assert.Equal(new ControlEntry.Acknowledgement(7, 7, 100), acknowledge.Entry);
        control.Acknowledged(acknowledge);
        var begin = Assert.IsType<ControlStep.Begin>(control.Next(8, 10));
        Assert.Equal((7, 7, 100), (begin.Seen, begin.Epoch, begin.ReplayUntil));
        control.Begun(begin);
        Assert.IsType<ControlStep.Continue>(control.Next(8, 10));
    }

    [Fact]
    public void A_rewind_forgets_the_skips_before_it_and_keeps_those_after()
    {
        _orders.Apply(1, new ControlEntry.Skip("1", 5));
        _orders.Apply(2, new ControlEntry.Rewind("2", 1, 0, 0, DateTimeOffset.UnixEpoch));
        _orders.Apply(3, new ControlEntry.Skip("3", 6));
        _orders.Apply(4, new ControlEntry.Acknowledgement(3, Rewound: 2, ReplayUntil: 0));

        Assert.Equal([6], _orders.Skips);
    }

    [Fact]
    public void A_position_of_an_epoch_that_the_control_topic_does_not_know_stops_the_partition()
    {
        _orders.Apply(3, new ControlEntry.Rewind("1", 1, 0, 0, DateTimeOffset.UnixEpoch));
        var position = new PartitionPosition(follows: false);
        position.Found(new StoredPosition(5, Epoch: 9));
        var control = new PartitionControl(_orders, position);

        control.Came(end: 4);

        Assert.Equal(9, Assert.IsType<ControlStep.Stop>(control.Next(4, 0)).Epoch);
    }

    [Fact]
    public void Who_refuses_to_go_back_acknowledges_that_and_goes_on_where_it_was()
    {
        var control = Running(refuses: true);
        _orders.Apply(7, new ControlEntry.Rewind("1", 1, Target: 10, Handled: 90, DateTimeOffset.UnixEpoch));
        Assert.IsType<ControlStep.Quiesce>(control.Next(8, 100));
        control.Quiesced();

        var acknowledge = Assert.IsType<ControlStep.Acknowledge>(control.Next(8, 100));

        Assert.True(acknowledge.IsRefusal);
        Assert.Equal(new ControlEntry.Acknowledgement(7, -1, 0), acknowledge.Entry);
        control.Acknowledged(acknowledge);
        Assert.Equal(-1, Assert.IsType<ControlStep.Begin>(control.Next(8, 100)).Epoch);
    }

    [Fact]
    public void Who_refuses_to_go_back_goes_ahead()
    {
        var control = Running(refuses: true);
        _orders.Apply(7, new ControlEntry.Rewind("1", 1, Target: 200, Handled: 90, DateTimeOffset.UnixEpoch));
        control.Next(8, 100);
        control.Quiesced();

        Assert.Equal(200, Assert.IsType<ControlStep.SetPosition>(control.Next(8, 100)).Target);
    }

    private PartitionControl Running(bool refuses = false)
    {
        var control = new PartitionControl(_orders, refuses: refuses);
        control.Came(end: 0);
        control.Begun(Assert.IsType<ControlStep.Begin>(control.Next(0, 0)));
        return control;
    }
}
