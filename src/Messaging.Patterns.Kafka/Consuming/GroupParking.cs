using System.Globalization;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Consuming.Redirect;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Parked keys, as the options describe them and as they are shown.</summary>
internal static class GroupParking
{
    // Parked records are held in the buffer, and must leave room in it for all others.
    private const int LargestPart = 4;

    public static ParkingSettings SettingsOf(KafkaConsumerGroupOptions options) => new()
    {
        Retries = options.Failures.DelayedRetries,
        Delay = options.Failures.RetryDelay.Ticks,
        MaxDelay = options.Failures.MaxRetryDelay.Ticks,
        MaxTime = options.Failures.MaxUncommittedTime.Ticks,
        MaxRecords = Math.Max(1, Math.Min(options.Failures.MaxParkedRecords, options.MaxBufferedRecords / LargestPart)),
        MaxBytes = Math.Max(1, Math.Min(options.Failures.MaxParkedBytes, options.MaxBufferedBytes / LargestPart)),
        SetsAside = options.Failures.Then is FailureAction.DeadLetter or FailureAction.Redirect,
    };

    public static ParkingSettings SettingsOfRedirected(KafkaConsumerGroupOptions options) => new()
    {
        Retries = options.Failures.Redirected.Retries,
        Delay = options.Failures.Redirected.RetryDelay.Ticks,
        MaxDelay = options.Failures.Redirected.MaxRetryDelay.Ticks,
        MaxTime = options.Failures.Redirected.MaxTime.Ticks,
        SetsAside = options.Failures.Redirected.Then == FailureAction.DeadLetter,
    };

    /// <summary>Shows a redirected key.</summary>
    /// <param name="partition">Its partition.</param>
    /// <param name="retry">The key.</param>
    /// <param name="records">How many of its records wait.</param>
    /// <param name="began">When the owner began.</param>
    public static ParkedKey Show(GroupPartition partition, KeyRetry retry, int records, DateTimeOffset began)
    {
        var failure = retry.Progress?.Failure;
        return new ParkedKey
        {
            Group = partition.Group,
            Topic = partition.Topic.Name,
            Partition = partition.Number,
            Offset = retry.Source,
            Key = retry.Key.Bytes,
            IsRedirected = true,
            Since = retry.Progress?.Since ?? began,
            Attempts = failure?.Attempts ?? 0,
            Events = records,
            ExceptionType = failure is null ? "" : failure.Exception.GetType().FullName ?? failure.Exception.GetType().Name,
            ExceptionMessage = failure?.Exception.Message ?? "",
        };
    }

    /// <summary>Shows a parked key.</summary>
    /// <param name="group">The group.</param>
    /// <param name="parking">The key.</param>
    /// <param name="now">The time of the dispatch.</param>
    public static ParkedKey Show(ConsumerGroup group, KeyParking<GroupRecord> parking, long now)
    {
        var (record, progress) = (parking.Failed.Record.Result, parking.Failed.Record.Progress!);
        return new ParkedKey
        {
            Group = group.Name,
            Topic = record.Topic,
            Partition = record.Partition.Value,
            Offset = record.Offset.Value,
            Key = record.Message.Key,
            Since = progress.Since,
            Attempts = progress.Failure.Attempts,
            NextAttempt = parking.Due is { } due ? group.Context.Time.GetUtcNow() + TimeSpan.FromTicks(due - now) : null,
            Events = parking.Records,
            ExceptionType = progress.Failure.Exception.GetType().FullName ?? progress.Failure.Exception.GetType().Name,
            ExceptionMessage = progress.Failure.Exception.Message,
        };
    }

    /// <summary>Says why a partition stopped at a record that failed.</summary>
    public static string Explain(RecordProgress progress)
    {
        var (exception, attempts) = (progress.Failure.Exception, progress.Failure.Attempts);
        var reason = exception is RecordRefusedException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
        var since = attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $" (after {attempts} attempts since {progress.Since.UtcDateTime:O})") : "";
        return $"{reason.TrimEnd('.')}{since}{(progress.Failure.NotSetAside is { } refusal && refusal != exception ? $"; {refusal.Message}" : "")}";
    }
}
