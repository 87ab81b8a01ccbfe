using System.Globalization;
using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Waits until a group has handled everything up to a position.</summary>
internal sealed class PositionWait(string group, Position position, ControlTopic topic, KafkaClients clients, ConsumerGroup? local, TimeProvider time)
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(10);

    // Of partitions elsewhere the brokers are asked.
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits.</summary>
    /// <exception cref="PositionNotHandledException">The group is not so far.</exception>
    /// <exception cref="KafkaUnavailableException">The brokers do not answer.</exception>
    public async Task RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var missing = position.Parts.ToDictionary(part => Parse(part), position.Next);
        var started = time.GetTimestamp();
        GroupPlaces? places = null;

        try
        {
            while (true)
            {
                var isElsewhere = RemoveHandledHere(missing);

                if (isElsewhere)
                {
                    places ??= new GroupPlaces(clients, group);
                    await RemoveCommittedAsync(places, missing, cancellationToken).ConfigureAwait(false);
                }

                if (missing.Count == 0)
                {
                    return;
                }

                if (time.GetElapsedTime(started) >= timeout)
                {
                    throw TimeIsOver(missing, timeout);
                }

                await Task.Delay(isElsewhere ? AskAgainAfter : LookAgainAfter, time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            places?.Dispose();
        }
    }

    /// <summary>Forgets what this process has handled. Returns whether it does not have a partition of what remains.</summary>
    private bool RemoveHandledHere(Dictionary<TopicPartition, long> missing)
    {
        var isElsewhere = false;

        foreach (var (id, next) in missing)
        {
            if (local?.Member?.Find(id) is not { } partition)
            {
                isElsewhere = true;
            }
            else if (partition.Handled >= next)
            {
                ThrowIfRedirected(id, next, partition.ListParked());
                missing.Remove(id);
            }
            else
            {
                ThrowIfHeldUp(id, next, partition.Failure?.Message, partition.Failure?.Offset, partition.ListParked());
            }
        }

        return isElsewhere;
    }

    private async Task RemoveCommittedAsync(GroupPlaces places, Dictionary<TopicPartition, long> missing, CancellationToken cancellationToken)
    {
        var ids = missing.Keys.Where(id => local?.Member?.Find(id) is null).ToList();

        foreach (var (id, committed) in ids.Count == 0 ? [] : await AskAsync(places, ids, cancellationToken).ConfigureAwait(false))
        {
            if (committed >= missing[id])
            {
                ThrowIfRedirected(id, missing[id], Said(id)?.Parked ?? []);
                missing.Remove(id);
            }
            else if (Said(id) is { } said)
            {
                ThrowIfHeldUp(id, missing[id], said.Stopped, said.StoppedAt, said.Parked);
            }
        }
    }

    private async Task<Dictionary<TopicPartition, long?>> AskAsync(GroupPlaces places, List<TopicPartition> ids, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => places.CommittedAsync(ids, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw clients.Unavailable($"look where consumer group '{group}' is", exception);
        }
    }

    private ControlEntry.Report? Said(TopicPartition id)
    {
        lock (topic.Gate)
        {
            return topic.Log.Reports.GetValueOrDefault(new(group, id.Topic, id.Partition.Value));
        }
    }

    // A key that is redirected holds up nothing behind it, and yet what waits of it is not handled.
    private void ThrowIfRedirected(TopicPartition id, long next, IReadOnlyList<ParkedKey> parked) => ThrowIfHeldUp(id, next, stopped: null, stoppedAt: null, [.. parked.Where(one => one.IsRedirected)]);

    private void ThrowIfHeldUp(TopicPartition id, long next, string? stopped, long? stoppedAt, IReadOnlyList<ParkedKey> parked)
    {
        // What was taken before the event at which it stopped is still handled.
        if (stopped is not null && !(stoppedAt >= next))
        {
            throw new PositionNotHandledException(group, position, stopped, isStopped: true);
        }

        if (parked.OrderBy(one => one.Offset).FirstOrDefault() is { } first && first.Offset < next)
        {
            throw new PositionNotHandledException(
                group, position, $"it lies behind a key that is {(first.IsRedirected ? "redirected" : "parked")} since {first.Since.UtcDateTime:O}, because the event at topic '{id.Topic}', partition {id.Partition.Value}, offset {first.Offset} fails: {first.ExceptionType}", parked: first);
        }
    }

    private PositionNotHandledException TimeIsOver(Dictionary<TopicPartition, long> missing, TimeSpan timeout)
    {
        var parts = missing.Select(one => string.Create(CultureInfo.InvariantCulture, $"topic '{one.Key.Topic}', partition {one.Key.Partition.Value}, up to offset {one.Value - 1}"));
        return new(group, position, $"after {timeout} there is still missing {string.Join("; ", parts)}");
    }

    private TopicPartition Parse(string part) =>
        part.LastIndexOf(':') is > 0 and var at && int.TryParse(part.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(part[..at], number)
            : throw new MessagingException($"Position '{position}' is not one of Kafka's event topics: expected parts like 'accounts:3', found '{part}'.");
}
