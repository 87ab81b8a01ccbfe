using Messaging.Patterns.Kafka.Consuming.DeadLetters;
using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>What a worker does with records that it was given: hands them over, or sets aside what failed for good. Tells for each record what became of it.</summary>
/// <param name="handler">Hands over.</param>
/// <param name="deadLetters">Where events go that failed for good; <see langword="null"/> if they stop the partition.</param>
/// <param name="time">The clock.</param>
/// <param name="left">Cancelled when the partition has left.</param>
internal sealed class RecordWork(RecordHandler handler, DeadLetterOutlet? deadLetters, TimeProvider time, CancellationToken left)
{
    /// <summary>Does the work. What is not done is said in the batch.</summary>
    public async ValueTask HandleAsync(WorkBatch<GroupRecord> batch)
    {
        if (batch[0].Record.Progress is { } progress)
        {
            await GoOnAsync(batch, progress).ConfigureAwait(false);
            return;
        }

        HandlingFailure? failure;

        try
        {
            failure = await handler.HandleAsync(batch, left).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = Unreadable(exception, 1);
        }

        if (failure is not null)
        {
            await FindFailedAsync(batch, failure).ConfigureAwait(false);
        }
    }

    /// <summary>Which of several records failed is found out one by one; those of other keys are not held up by it.</summary>
    private async ValueTask FindFailedAsync(WorkBatch<GroupRecord> batch, HandlingFailure failure)
    {
        if (batch.Count == 1 && failure.Index is not null)
        {
            Note(batch, 0, failure);
            return;
        }

        var failed = new HashSet<KeyChain<GroupRecord>>();

        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index].Record;

            if (left.IsCancellationRequested || failed.Contains(batch.ChainOf(index)))
            {
                batch.SetNotDone(index, WorkOutcome.Untried, record);
            }
            else if (await AloneAsync(record, 0, 0).ConfigureAwait(false) is { } single)
            {
                Note(batch, index, single);
                failed.Add(batch.ChainOf(index));
            }
        }
    }

    /// <summary>Handles a record that failed before from there on, after what failed was set aside, if that is what it is given out for.</summary>
    private async ValueTask GoOnAsync(WorkBatch<GroupRecord> batch, RecordProgress progress)
    {
        var (record, from, attempts) = (batch[0].Record, progress.From, progress.Failure.Attempts);

        if (batch.Purpose == WorkPurpose.SetAside)
        {
            if (await TrySetAsideAsync(record, progress.Failure).ConfigureAwait(false) is { } refusal)
            {
                batch.SetNotDone(0, refusal.IsTransient ? WorkOutcome.FailedAgain : WorkOutcome.FailedForGood, record with { Progress = progress with { Failure = progress.Failure with { NotSetAside = refusal } } });
                return;
            }

            if (progress.Failure.Index is not { } index)
            {
                // A record that cannot be read has no rest.
                return;
            }

            (from, attempts) = (index + 1, 0);
        }

        if (await AloneAsync(record, from, attempts).ConfigureAwait(false) is { } failure)
        {
            Note(batch, 0, failure, batch.Purpose == WorkPurpose.Handle ? progress : null);
        }
    }

    private async ValueTask<MessagingException?> TrySetAsideAsync(GroupRecord record, HandlingFailure failure)
    {
        try
        {
            await deadLetters!.SetAsideAsync(record, failure, left).ConfigureAwait(false);
            return null;
        }
        catch (DeadLetterException exception)
        {
            return exception;
        }
        catch (OperationCanceledException exception) when (left.IsCancellationRequested)
        {
            // Perhaps it is stored, perhaps not: the event comes again.
            return new DeadLetterException("the partition leaves", isTransient: true, exception);
        }
    }

    private async ValueTask<HandlingFailure?> AloneAsync(GroupRecord record, int from, int attempts)
    {
        try
        {
            return await handler.HandleAloneAsync(record, from, attempts, left).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return Unreadable(exception, attempts + 1);
        }
    }

    private void Note(WorkBatch<GroupRecord> batch, int index, HandlingFailure failure, RecordProgress? before = null)
    {
        var isSame = before?.Failure.Index == failure.Index && before is not null;
        var outcome = failure.MustStop ? WorkOutcome.FailedForGood : isSame ? WorkOutcome.FailedAgain : WorkOutcome.Failed;
        var progress = new RecordProgress(failure.Index ?? before?.From ?? 0, failure, isSame ? before!.Since : time.GetUtcNow());
        batch.SetNotDone(index, outcome, batch[index].Record with { Progress = progress });
    }

    private static HandlingFailure Unreadable(Exception exception, int attempts) => new(exception, Index: null, attempts);
}
