namespace Messaging.Patterns.Consuming;

/// <summary>What is made of several calls of <see cref="IConsumerGroupControl"/>.</summary>
public static class ConsumerGroupControlExtensions
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>Waits until a group is nearly at the end, on all its partitions: for a projection that is built anew beside the old one, when to switch.</summary>
    /// <remarks>It looks once a second. A group that fails or does not run never gets there: give a token that ends.</remarks>
    /// <param name="control">The control.</param>
    /// <param name="scope">The partitions.</param>
    /// <param name="lagTime">How old the oldest event may be that is not committed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How the group stands then.</returns>
    public static async Task<ConsumerGroupStatus> WaitUntilCaughtUpAsync(
        this IConsumerGroupControl control, GroupScope scope, TimeSpan lagTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(control);

        while (true)
        {
            var status = await control.DescribeAsync(scope, cancellationToken).ConfigureAwait(false);

            if (status.Partitions.All(partition => partition.Lag == 0 || (partition.Committed is not null && partition.LagTime <= lagTime)))
            {
                return status;
            }

            await Task.Delay(LookAgainAfter, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }
}
