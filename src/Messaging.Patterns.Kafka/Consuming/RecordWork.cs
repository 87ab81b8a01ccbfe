using Messaging.Patterns.Kafka.Consuming.DeadLetters;
using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>What a worker does with records that it was given: hands them over, and sets aside what fails where the policy says so.</summary>
/// <param name="handler">Hands over.</param>
/// <param name="deadLetters">Where failed events go; <see langword="null"/> if they stop the partition.</param>
/// <param name="left">Cancelled when the partition has left.</param>
internal sealed class RecordWork(RecordHandler handler, DeadLetterOutlet? deadLetters, CancellationToken left)
{
    /// <summary>Handles records. Returns what went wrong, <see langword="null"/> if they are done.</summary>
    public async ValueTask<HandlingFailure?> HandleAsync(WorkBatch<GroupRecord> batch)
    {
        HandlingFailure? failure;

        try
        {
            failure = await handler.HandleAsync(batch, left).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = Unreadable(exception);
        }

        return failure is null || deadLetters is null ? failure : await RescueAsync(batch, failure).ConfigureAwait(false);
    }

    private async ValueTask<HandlingFailure?> RescueAsync(WorkBatch<GroupRecord> batch, HandlingFailure failure)
    {
        // Which one of several failed is found out one by one.
        if (batch.Count == 1)
        {
            return await GoOnAsync(batch[0].Record, failure).ConfigureAwait(false);
        }

        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index].Record;

            if (await AloneAsync(record, 0).ConfigureAwait(false) is { } single && await GoOnAsync(record, single).ConfigureAwait(false) is { } final)
            {
                return final;
            }
        }

        return null;
    }

    /// <summary>Sets aside what failed, and handles the rest of its record. Returns what stops the partition.</summary>
    private async ValueTask<HandlingFailure?> GoOnAsync(GroupRecord record, HandlingFailure failure)
    {
        for (HandlingFailure? next = failure; next is not null;)
        {
            if (next.MustStop || left.IsCancellationRequested)
            {
                return next;
            }

            try
            {
                await deadLetters!.SetAsideAsync(record, next, left).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is DeadLetterException or OperationCanceledException)
            {
                return next with { Exception = exception };
            }

            // A record that cannot be read has no rest.
            next = next.Index is { } index ? await AloneAsync(record, index + 1).ConfigureAwait(false) : null;
        }

        return null;
    }

    private async ValueTask<HandlingFailure?> AloneAsync(GroupRecord record, int from)
    {
        try
        {
            return await handler.HandleAloneAsync(record, from, 0, left).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return Unreadable(exception);
        }
    }

    private static HandlingFailure Unreadable(Exception exception) => new(exception, Index: null, Attempts: 1);
}
