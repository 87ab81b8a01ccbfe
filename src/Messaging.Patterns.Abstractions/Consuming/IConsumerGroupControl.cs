namespace Messaging.Patterns.Consuming;

/// <summary>Gives orders to consumer groups that run, on all their instances: rewind, pause, resume, skip an event.</summary>
/// <remarks>
/// An order is durable when a method returns. The owner of each partition carries it out, whoever that is; a partition without an owner when it gets one. Groups
/// carry out orders whose processes called <c>AddConsumerGroupControl</c>; all instances of a group must.
/// </remarks>
public interface IConsumerGroupControl
{
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
