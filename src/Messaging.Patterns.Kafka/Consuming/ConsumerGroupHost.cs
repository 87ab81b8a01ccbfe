using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Runs this process's member of a group. A topic that breaks the log contract, or a member that fails for good, ends the host.</summary>
internal sealed partial class ConsumerGroupHost(ConsumerGroup group, GroupReload reload) : BackgroundService
{
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

    private async Task StayMemberAsync(CancellationToken stoppingToken)
    {
        var (time, began) = (group.Context.Time, group.Context.Time.GetTimestamp());
        MembershipPatience? patience = null;

        while (await RunMemberAsync(stoppingToken).ConfigureAwait(false) is var (refusal, session))
        {
            patience ??= new MembershipPatience(session);
            var delay = patience.DelayAfter(refusal.How, refusal.WasMember, time.GetElapsedTime(began)) ?? throw refusal;
            group.Refusal = refusal;
            Log.Refused(group.Context.Logger, refusal, group.Name, delay);
            await Task.Delay(delay, time, stoppingToken).ConfigureAwait(false);
        }
    }

    // Returns null when it has ended as it was told to.
    private async Task<(InstanceIdInUseException Refusal, TimeSpan Session)?> RunMemberAsync(CancellationToken stoppingToken)
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
            return (refusal, member.Session);
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
        [LoggerMessage(1406, LogLevel.Warning, "Consumer group {Group} has another member with the instance id of this process, which may be its own former self; it asks to be let in again in {Delay}.")]
        public static partial void Refused(ILogger logger, Exception exception, string group, TimeSpan delay);
    }
}
