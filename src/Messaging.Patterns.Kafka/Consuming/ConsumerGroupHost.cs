using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Runs this process's member of a group. A topic that breaks the log contract, or a member that fails for good, ends the host.</summary>
internal sealed class ConsumerGroupHost(ConsumerGroup group, GroupReload reload) : BackgroundService
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

            using var member = new GroupMember(group, stoppingToken, _overdue.Token);
            group.Member = member;
            await member.RunAsync().ConfigureAwait(false);
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
}
