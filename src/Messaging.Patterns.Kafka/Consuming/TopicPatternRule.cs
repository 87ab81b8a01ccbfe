using System.Text.RegularExpressions;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Consuming.DeadLetters;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Checks the patterns of topics that a group reads: by them it must not read what it writes itself.</summary>
internal static class TopicPatternRule
{
    private const string KafkasOwn = "__consumer_offsets";

    /// <summary>Adds an error for every fault.</summary>
    /// <param name="name">The group's name.</param>
    /// <param name="options">The group's options.</param>
    /// <param name="streamTopics">The topics of streams.</param>
    /// <param name="result">Takes the errors.</param>
    public static void Check(string? name, KafkaConsumerGroupOptions options, IEnumerable<string> streamTopics, ValidateOptionsResultBuilder result)
    {
        foreach (var pattern in options.Patterns)
        {
            if (FindFault(pattern, name, options, streamTopics) is { } fault)
            {
                result.AddError($"consumer group '{name}' reads topics by pattern '{pattern}', {fault}", nameof(options.Patterns));
            }
        }
    }

    private static string? FindFault(string pattern, string? name, KafkaConsumerGroupOptions options, IEnumerable<string> streamTopics)
    {
        if (!pattern.StartsWith('^'))
        {
            return "which must begin with '^': otherwise Kafka's client takes it for a topic's name.";
        }

        Regex regex;

        try
        {
            regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return $"which is no regular expression: {exception.Message}";
        }

        var deadLetters = options.DeadLetterTopic ?? DeadLetterFormat.TopicOf(name ?? "");
        return regex.IsMatch(KafkasOwn) ? $"which matches Kafka's own topics, such as '{KafkasOwn}'. Narrow it."
            : options.Failures.Then == FailureAction.DeadLetter && regex.IsMatch(deadLetters) ? $"which matches '{deadLetters}', the topic of its own dead letters: one that always fails would come again for ever. Name another topic with {nameof(options.DeadLetterTopic)}."
            : options.Handlers.TakesRecords && streamTopics.FirstOrDefault(regex.IsMatch) is { } topic ? $"which matches '{topic}', a topic of streams, with a handler of {nameof(RawRecord)}: some of its records lost a race and are no events. Handle {nameof(RawEvent)} instead."
            : null;
    }
}
