using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.DeadLetters;
using Messaging.Patterns.Kafka.Consuming.Redirect;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Checks what a group is to do with events that cannot be handled.</summary>
internal static class FailurePolicyRule
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortestRetention = TimeSpan.FromHours(1);

    public static void Check(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        CheckPipeline(name, options, result);

        if (!Enum.IsDefined(options.Failures.Then))
        {
            result.AddError($"must be Stop, DeadLetter or Redirect, but is {options.Failures.Then} in consumer group '{name}'.", $"{nameof(options.Failures)}.{nameof(options.Failures.Then)}");
        }

        CheckParking(name, options.Failures, result);

        if (!Enum.IsDefined(options.Provisioning))
        {
            result.AddError($"must be CreateOrVerify, Verify or None, but is {options.Provisioning} in consumer group '{name}'.", nameof(options.Provisioning));
        }

        if (options.Failures.Then == FailureAction.Redirect)
        {
            CheckRedirected(name, options.Failures.Redirected, result);
            CheckRetryTopics(name, options, result);
        }

        if (options.Failures.MakesDeadLetters)
        {
            CheckDeadLetters(name, options, result);
        }
    }

    private static void CheckRedirected(string? name, RedirectPolicy policy, ValidateOptionsResultBuilder result)
    {
        (string Property, bool IsWrong, string Expected, object? Found)[] rules =
        [
            (nameof(policy.Retries), policy.Retries < 0, "at least 0, or null for as often as there is time", policy.Retries),
            (nameof(policy.RetryDelay), policy.RetryDelay <= TimeSpan.Zero || policy.RetryDelay > LongestDelay, $"positive and at most {LongestDelay}", policy.RetryDelay),
            (nameof(policy.MaxRetryDelay), policy.MaxRetryDelay < policy.RetryDelay || policy.MaxRetryDelay > LongestDelay, $"at least {nameof(policy.RetryDelay)} and at most {LongestDelay}", policy.MaxRetryDelay),
            (nameof(policy.MaxTime), policy.MaxTime <= TimeSpan.Zero, "positive", policy.MaxTime),
            (nameof(policy.Then), policy.Then is not (FailureAction.Stop or FailureAction.DeadLetter), "Stop or DeadLetter", policy.Then),
        ];

        AddFaults(name, rules, $"{nameof(KafkaConsumerGroupOptions.Failures)}.{nameof(FailurePolicy.Redirected)}", result);
    }

    private static void CheckRetryTopics(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        if (options.Ordering != ProcessingOrder.PerKey)
        {
            result.AddError(
                $"consumer group '{name}' redirects failing keys, and handles events in order {options.Ordering}: only in order {ProcessingOrder.PerKey} can others go on. Set events aside with ThenDeadLetter() instead.",
                nameof(options.Ordering));
        }

        if (options.Patterns.Count > 0)
        {
            result.AddError($"consumer group '{name}' redirects failing keys, and reads topics by pattern: their retry topics could not be made before. Name the topics with From(\"...\").", nameof(options.Patterns));
        }

        var topics = options.Topics.Select(topic => RetryTopics.NameOf(options.RetryTopic, topic, name ?? "")).ToList();

        foreach (var topic in topics.Distinct(StringComparer.Ordinal).Where(topic => !TopicSpecification.IsValid(topic)))
        {
            result.AddError(
                $"consumer group '{name}' would redirect failing keys to topic '{topic}', which cannot be a topic's name: expected 1 to 249 letters, digits, '.', '_' and '-'. Name another one.", nameof(options.RetryTopic));
        }

        foreach (var topic in topics.GroupBy(topic => topic, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            result.AddError($"consumer group '{name}' would redirect failing keys of {topic.Count()} topics to topic '{topic.Key}'; each needs its own. Name them with '{RetryTopics.TopicPlace}'.", nameof(options.RetryTopic));
        }

        foreach (var topic in topics.Distinct(StringComparer.Ordinal).Where(topic => options.Topics.Contains(topic)))
        {
            result.AddError($"consumer group '{name}' reads topic '{topic}' and would redirect failing keys to it. Name another one.", nameof(options.RetryTopic));
        }
    }

    private static void CheckParking(string? name, FailurePolicy policy, ValidateOptionsResultBuilder result)
    {
        (string Property, bool IsWrong, string Expected, object? Found)[] rules =
        [
            (nameof(policy.DelayedRetries), policy.DelayedRetries < 0, "at least 0, or null for as often as there is time", policy.DelayedRetries),
            (nameof(policy.RetryDelay), policy.RetryDelay <= TimeSpan.Zero || policy.RetryDelay > LongestDelay, $"positive and at most {LongestDelay}", policy.RetryDelay),
            (nameof(policy.MaxRetryDelay), policy.MaxRetryDelay < policy.RetryDelay || policy.MaxRetryDelay > LongestDelay, $"at least {nameof(policy.RetryDelay)} and at most {LongestDelay}", policy.MaxRetryDelay),
            (nameof(policy.MaxUncommittedTime), policy.MaxUncommittedTime <= TimeSpan.Zero, "positive", policy.MaxUncommittedTime),
            (nameof(policy.MaxParkedRecords), policy.MaxParkedRecords < 1, "at least 1", policy.MaxParkedRecords),
            (nameof(policy.MaxParkedBytes), policy.MaxParkedBytes < 1, "at least 1", policy.MaxParkedBytes),
        ];

        AddFaults(name, rules, nameof(KafkaConsumerGroupOptions.Failures), result);
    }

    private static void AddFaults(
        string? name, IEnumerable<(string Property, bool IsWrong, string Expected, object? Found)> rules, string policy, ValidateOptionsResultBuilder result)
    {
        foreach (var (property, _, expected, found) in rules.Where(rule => rule.IsWrong))
        {
            result.AddError($"must be {expected}, but is {found} in consumer group '{name}'.", $"{policy}.{property}");
        }
    }

    private static void CheckDeadLetters(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        var topic = options.DeadLetterTopic ?? DeadLetterFormat.TopicOf(name ?? "");

        if (!TopicSpecification.IsValid(topic))
        {
            result.AddError(
                $"consumer group '{name}' would set failed events aside in topic '{topic}', which cannot be a topic's name: expected 1 to 249 letters, digits, '.', '_' and '-'. Name another one.", nameof(options.DeadLetterTopic));
        }
        else if (options.Topics.Contains(topic))
        {
            result.AddError($"consumer group '{name}' reads topic '{topic}' and would set failed events aside in it: one that always fails would come again for ever. Name another one.", nameof(options.DeadLetterTopic));
        }

        if (options.DeadLetterRetention < ShortestRetention)
        {
            result.AddError($"must be at least {ShortestRetention}, or null for ever, but is {options.DeadLetterRetention} in consumer group '{name}'.", nameof(options.DeadLetterRetention));
        }
    }

    private static void CheckPipeline(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        try
        {
            options.Failures.BuildPipeline(TimeProvider.System);
        }
        catch (Exception exception)
        {
            // Whatever the user's function throws is a fault of the configuration, reported beside all others.
            result.AddError($"consumer group '{name}' has a pipeline for retries that cannot be made: {exception.Message}", nameof(options.Failures));
        }
    }
}
