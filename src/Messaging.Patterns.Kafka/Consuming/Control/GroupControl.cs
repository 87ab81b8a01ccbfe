using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Carries out the orders to a member's partitions: what <see cref="PartitionControl"/> says, with the consumer. For the poller alone, which never waits here for handlers.</summary>
/// <param name="group">The group.</param>
/// <param name="topic">The control topic.</param>
/// <param name="assignment">The partitions.</param>
/// <param name="stopping">Cancelled when the member stops.</param>
/// <param name="overdue">Cancelled when it must not wait for handlers any longer.</param>
internal sealed partial class GroupControl(ConsumerGroup group, ControlTopic topic, GroupAssignment assignment, CancellationToken stopping, CancellationToken overdue)
{
    private readonly Dictionary<TopicPartition, OwnedPartition> _owned = [];

    /// <summary>Gets whether orders are being carried out, so that the next step is to follow soon. What failed is tried again without hurry.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>A partition came. Nothing of it is given out before its orders are known.</summary>
    public void Came(GroupPartition partition)
    {
        partition.Leave();

        lock (topic.Gate)
        {
            var orders = topic.Log.Find(new(group.Name, partition.Topic.Name, partition.Number));
            var position = group.Positions is { } positions ? new PartitionPosition(positions is IFollowingPositionStore) : null;
            _owned[partition.Id] = new(new PartitionControl(orders, position, group.Dispatcher.RefusesReplay), position, partition);
        }
    }

    /// <summary>A partition has left, or is lost.</summary>
    public void Left(GroupPartition partition) => _owned.Remove(partition.Id);

    /// <summary>Does what is to be done next.</summary>
    public void Step(IConsumer<byte[], byte[]> consumer)
    {
        IsUnderWay = false;

        foreach (var owned in _owned.Values)
        {
            if (topic.Fault is { } fault)
            {
                StopAt(owned, $"its orders are not known: {fault.Message}", fault);
            }
            else if (!owned.IsStopped)
            {
                IsUnderWay |= owned.IsBusy || Step(consumer, owned);
            }
        }
    }

    // Returns whether something was done.
    private bool Step(IConsumer<byte[], byte[]> consumer, OwnedPartition owned)
    {
        if (owned.End() is { } failure)
        {
            Log.NotDone(group.Context.Logger, failure, group.Name, owned.Current.Topic.Name, owned.Current.Number);
            return false;
        }

        if (!owned.IsEndKnown)
        {
            AskForEnd(owned);
            return true;
        }

        return Do(consumer, owned, Next(owned));
    }

    private bool Do(IConsumer<byte[], byte[]> consumer, OwnedPartition owned, ControlStep next)
    {
        switch (next)
        {
            case ControlStep.Quiesce:
                owned.Start(owned.Current.DrainAsync(group.Options.DrainTimeout, overdue), () => Quiesced(consumer, owned));
                return true;
            case ControlStep.SetPosition step when group.Positions is { } positions:
                SetPosition(consumer, owned, step, positions);
                return true;
            case ControlStep.SetPosition step:
                return Commit(consumer, owned, step, step.Target);
            case ControlStep.Acknowledge step:
                owned.Start(topic.WriteAsync(NameOf(owned), step.Entry, stopping), () => Acknowledged(owned, step));
                return true;
            case ControlStep.Place step when group.Positions is { } positions:
                Place(owned, step, positions);
                return true;
            case ControlStep.Look step when group.Positions is { } positions:
                LookAgain(owned, step, positions);
                return true;
            case ControlStep.Begin step:
                return TryBegin(consumer, owned, step);
            case ControlStep.Rest step:
                Log.Rests(group.Context.Logger, group.Name, owned.Current.Topic.Name, owned.Current.Number);
                owned.Control.Rested(step);
                return true;
            case ControlStep.Stop step:
                StopAt(owned, $"its position is of epoch {step.Epoch}, which the control topic does not know: that topic was deleted or recreated. Rebuild the projection under a new name, or delete the group's rows from the tables of the inbox while no instance runs", null);
                return true;
            case ControlStep.Lost step:
                StopAt(owned, $"its position is of epoch {step.Stored.Epoch}, from before the rewind of epoch {step.Epoch}, which had set it: its storage lost what it had, for example since a backup was restored. Rewind the group again, to offset {Math.Max(0, step.Stored.Next)} of this partition or before it, and restart this instance", null);
                return true;
            default:
                return false;
        }
    }

    private bool TryBegin(IConsumer<byte[], byte[]> consumer, OwnedPartition owned, ControlStep.Begin step)
    {
        if (assignment.TryBegin(consumer, owned.Current, step) is not { } next)
        {
            return false;
        }

        owned.Current = next;
        owned.Control.Begun(step);
        return true;
    }

    private ControlStep Next(OwnedPartition owned)
    {
        lock (topic.Gate)
        {
            return owned.Control.Next(topic.Log.Next, owned.Current.Committed);
        }
    }

    private void AskForEnd(OwnedPartition owned) => owned.Start(LookAsync(NameOf(owned)), found =>
    {
        owned.IsEndKnown = true;
        owned.Found(found.Stored);
        owned.Control.Came(found.End);
    });

    // The position before the end: what a former owner sets after that is of an epoch that lies before the end.
    private async Task<(long End, StoredPosition? Stored)> LookAsync(ControlledPartition partition)
    {
        var stored = group.Positions is { } positions
            ? await positions.ReadAsync(partition.Group, partition.Topic, partition.Partition, stopping).ConfigureAwait(false)
            : null;
        return (await topic.GetEndAsync(stopping).ConfigureAwait(false), stored);
    }

    // First the store, then the commit, which only tools look at: a crash between them leaves a store that is set, and the next owner finds it so.
    private void SetPosition(IConsumer<byte[], byte[]> consumer, OwnedPartition owned, ControlStep.SetPosition step, IPositionStore positions) =>
        owned.Start(StoreAsync(owned, new StoredPosition(step.Target, step.Epoch), positions), stored =>
        {
            owned.Found(stored);
            Commit(consumer, owned, step, stored.Next);
        });

    // A crash after it leaves a position that says where the group is anyway.
    private void Place(OwnedPartition owned, ControlStep.Place step, IPositionStore positions) =>
        owned.Start(StoreAsync(owned, step.Position, positions), stored => owned.Found(stored));

    // What is stored then; not on the poller's thread, whatever the store does first.
    private Task<StoredPosition> StoreAsync(OwnedPartition owned, StoredPosition position, IPositionStore positions)
    {
        var (name, topicName, number) = NameOf(owned);
        return Task.Run(() => positions.RewindAsync(name, topicName, number, position, stopping).AsTask(), stopping);
    }

    private void LookAgain(OwnedPartition owned, ControlStep.Look step, IPositionStore positions)
    {
        var (name, topicName, number) = NameOf(owned);
        owned.Start(Task.Run(() => positions.ReadAsync(name, topicName, number, stopping).AsTask(), stopping), stored =>
        {
            owned.Position!.Looked(step, stored);
            owned.Found(stored);
        });
    }

    private bool Commit(IConsumer<byte[], byte[]> consumer, OwnedPartition owned, ControlStep.SetPosition step, long next)
    {
        if (!assignment.TrySetPosition(consumer, owned.Current, next))
        {
            return false;
        }

        Log.Rewound(group.Context.Logger, group.Name, owned.Current.Topic.Name, owned.Current.Number, next, step.Epoch);
        owned.Control.Set(step);
        return true;
    }

    private void Quiesced(IConsumer<byte[], byte[]> consumer, OwnedPartition owned)
    {
        assignment.Retire(consumer, owned.Current);
        owned.Control.Quiesced();
    }

    private void Acknowledged(OwnedPartition owned, ControlStep.Acknowledge step)
    {
        lock (topic.Gate)
        {
            owned.Control.Acknowledged(step);
        }

        if (step.IsRefusal)
        {
            Log.Refused(group.Context.Logger, group.Name, owned.Current.Topic.Name, owned.Current.Number);
        }
    }

    private ControlledPartition NameOf(OwnedPartition owned) => new(group.Name, owned.Current.Topic.Name, owned.Current.Number);

    private static void StopAt(OwnedPartition owned, string reason, Exception? inner)
    {
        if (!owned.IsStopped)
        {
            owned.IsStopped = true;
            owned.Current.Stop(reason, inner ?? new MessagingException(reason));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1471, LogLevel.Information, "Consumer group {Group} goes on with topic {Topic}, partition {Partition}, at offset {Offset}, as ordered (epoch {Epoch}).")]
        public static partial void Rewound(ILogger logger, string group, string topic, int partition, long offset, long epoch);

        [LoggerMessage(1472, LogLevel.Information, "Consumer group {Group} pauses topic {Topic}, partition {Partition}, as ordered.")]
        public static partial void Rests(ILogger logger, string group, string topic, int partition);

        [LoggerMessage(1474, LogLevel.Error, "Consumer group {Group} refuses to go back in topic {Topic}, partition {Partition}: one of its handlers has effects outside. Declare with [OnReplay] what it is to do.")]
        public static partial void Refused(ILogger logger, string group, string topic, int partition);

        [LoggerMessage(1473, LogLevel.Warning, "Consumer group {Group} could not carry out an order to topic {Topic}, partition {Partition}; it tries again.")]
        public static partial void NotDone(ILogger logger, Exception exception, string group, string topic, int partition);
    }
}
