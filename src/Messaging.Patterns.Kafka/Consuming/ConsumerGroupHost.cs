using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Runs this process's member of a group. A topic that breaks the log contract, or a member that fails for good, ends the host.</summary>
internal sealed partial class ConsumerGroupHost(ConsumerGroup group, GroupReload reload) : BackgroundService
{
    private static readonly TimeSpan RejoinDelay = TimeSpan.FromSeconds(1);

    // Longer than the longest session that brokers allow unless they are told otherwise (group.consumer.max.session.timeout.ms, 60 s).
    private static readonly TimeSpan MaxRefusal = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _overdue = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // The host's patience may end before the group's.
        var registration = cancellationToken.UnsafeRegister(static overdue => ((CancellationTokenSource)overdue!).Cancel(), _overdue);

        await using (registration.ConfigureAwait(false))
        {
            await base.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _overdue.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var watching = reload.Watch();

        try
        {
            group.Topics = await FindTopicsAsync(stoppingToken).ConfigureAwait(false);

            if (group.DeadLetters is { } deadLetters)
            {
                await deadLetters.EnsureTopicAsync(stoppingToken).ConfigureAwait(false);
            }

            if (group.RetryTopics is { } retries)
            {
                await Task.WhenAll(group.Topics.Values.Select(topic => retries.EnsureAsync(topic, stoppingToken))).ConfigureAwait(false);
            }

            await StayMemberAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before there was a member.
        }
        catch (Exception exception)
        {
            group.Failure = exception;
            throw;
        }
    }

    // A former member of this id, which crashed, keeps its place until its session ends. So may this one's own: brokers that went away may remember only an earlier start.
    private async Task StayMemberAsync(CancellationToken stoppingToken)
    {
        var time = group.Context.Time;

        for (long? refusedSince = null; await RunMemberAsync(stoppingToken).ConfigureAwait(false) is { } refusal;)
        {
            refusedSince = refusedSince is null || refusal.WasMember ? time.GetTimestamp() : refusedSince;

            if (time.GetElapsedTime(refusedSince.Value) > MaxRefusal)
            {
                throw refusal;
            }

            group.Refusal = refusal;
            Log.Refused(group.Context.Logger, refusal, group.Name, RejoinDelay);
            await Task.Delay(RejoinDelay, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<InstanceIdInUseException?> RunMemberAsync(CancellationToken stoppingToken)
    {
        using var member = new GroupMember(group, stoppingToken, _overdue.Token);
        group.Member = member;

        try
        {
            await member.RunAsync().ConfigureAwait(false);
            return null;
        }
        catch (InstanceIdInUseException refusal)
        {
            return refusal;
        }
        finally
        {
            group.Member = null;
        }
    }

    private async Task<Dictionary<string, GroupTopic>> FindTopicsAsync(CancellationToken stoppingToken)
    {
        var topics = await Task.WhenAll(group.Options.Topics.Select(name => FindTopicAsync(name, stoppingToken))).ConfigureAwait(false);
        return topics.ToDictionary(topic => topic.Name, StringComparer.Ordinal);
    }

    // Subscribing to a topic before it exists would find it minutes later.
    private async Task<GroupTopic> FindTopicAsync(string name, CancellationToken stoppingToken)
    {
        var (provisioner, store) = (group.Context.Provisioner, group.Context.EventStore.Value);
        var found = store.Streams.Values.FirstOrDefault(topic => topic.Name == name) is { } specification
            ? await provisioner.EnsureLogTopicAsync(specification, store.Provisioning, stoppingToken).ConfigureAwait(false)
            : await provisioner.WaitForTopicAsync(name, stoppingToken).ConfigureAwait(false);
        return new GroupTopic(name, found.Partitions, group.IsEventTopic(name));
    }

    private static partial class Log
    {
        [LoggerMessage(1406, LogLevel.Warning, "Consumer group {Group} does not let this process in while another member has its instance id; it asks again every {Delay}.")]
        public static partial void Refused(ILogger logger, Exception exception, string group, TimeSpan delay);
    }
}
