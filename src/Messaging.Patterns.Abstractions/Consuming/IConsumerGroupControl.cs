using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Consuming;

/// <summary>Looks at consumer groups, and gives them orders while they run, on all their instances: rewind, pause, resume, skip an event.</summary>
/// <remarks>
/// An order is durable when a method returns. The owner of each partition carries it out, whoever that is; a partition without an owner when it gets one. Groups
/// carry out orders whose processes called <c>AddConsumerGroupControl</c>; all instances of a group must. Whoever looks or orders need not be an instance. Events that
/// groups set aside are at <see cref="IDeadLetters"/>.
/// </remarks>
public interface IConsumerGroupControl
{
    /// <summary>Returns the names of the consumer groups of the cluster that use this control, as far as they ever had a partition or an order, and those of this process.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MessagingException">The brokers do not answer.</exception>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns how a group stands: offsets and lag as they are now, and what the owners of its partitions said last.</summary>
    /// <param name="scope">The partitions. Without topics: those that this process knows the group reads, else those of which its instances have said something.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MessagingException">A topic or partition is not there, or the brokers do not answer.</exception>
    ValueTask<ConsumerGroupStatus> DescribeAsync(GroupScope scope, CancellationToken cancellationToken = default);

    /// <summary>Waits until a group has handled everything up to a position, such as that of an append: then a reader of its projection sees the append.</summary>
    /// <remarks>
    /// For partitions that this process has it looks at what is handled; for others at what is committed, which follows by the group's <c>CommitInterval</c>. It fails at
    /// once when the position lies behind a parked key or a partition that stopped; of other instances it learns that within some seconds.
    /// </remarks>
    /// <param name="group">The group.</param>
    /// <param name="position">The position.</param>
    /// <param name="timeout">How long to wait, at most; zero to look once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PositionNotHandledException">The group is not so far, and may or will not get there in time.</exception>
    /// <exception cref="MessagingException">The position is not of Kafka's event topics, or the brokers do not answer.</exception>
    ValueTask WaitForAsync(string group, Position position, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Returns the rewinds of a group that hold in some partition, or are to, the newest first.</summary>
    /// <param name="group">The group.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<RewindStatus>> ListRewindsAsync(string group, CancellationToken cancellationToken = default);

    /// <summary>Says what a rewind would do, and does nothing: the dry run.</summary>
    /// <param name="scope">The partitions.</param>
    /// <param name="target">Where to go on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MessagingException">A topic or partition is not there, or the brokers do not answer.</exception>
    ValueTask<RewindPlan> PlanRewindAsync(GroupScope scope, RewindTarget target, CancellationToken cancellationToken = default);

    /// <summary>Orders a rewind as it was planned.</summary>
    /// <remarks>An order that fails in the middle reached some partitions; ordered again, all of them go back once more.</remarks>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The id of the order.</returns>
    /// <exception cref="MessagingException">The order could not be stored, or may not have been.</exception>
    ValueTask<string> RewindAsync(RewindPlan plan, CancellationToken cancellationToken = default);

    /// <summary>Returns how far a rewind is carried out. A partition that was rewound once more since is not among its partitions any more.</summary>
    /// <param name="group">The group.</param>
    /// <param name="operation">The id of the order.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<RewindStatus> GetRewindAsync(string group, string operation, CancellationToken cancellationToken = default);

    /// <summary>Orders that nothing is handled until <see cref="ResumeAsync"/>. What is being handled may end, up to the group's limit.</summary>
    /// <param name="scope">The partitions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask PauseAsync(GroupScope scope, CancellationToken cancellationToken = default);

    /// <summary>Ends a pause.</summary>
    /// <param name="scope">The partitions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask ResumeAsync(GroupScope scope, CancellationToken cancellationToken = default);

    /// <summary>Orders that a record is passed over, until the partition is rewound. A partition that stopped at it goes on.</summary>
    /// <param name="group">The group.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition's number.</param>
    /// <param name="offset">The record's offset.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask SkipAsync(string group, string topic, int partition, long offset, CancellationToken cancellationToken = default);
}
