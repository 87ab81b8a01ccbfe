using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Outbox;

internal sealed class OutboxRelayOptionsValidator : IValidateOptions<OutboxRelayOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestKept = TimeSpan.FromDays(3_650);

    public ValidateOptionsResult Validate(string? name, OutboxRelayOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckTime(options.PollInterval, nameof(options.PollInterval), TimeSpan.FromMilliseconds(1));
        CheckTime(options.LeaseDuration, nameof(options.LeaseDuration), TimeSpan.FromSeconds(1));
        CheckTime(options.RetryDelay, nameof(options.RetryDelay), TimeSpan.FromMilliseconds(1));
        CheckTime(options.MaxRetryDelay, nameof(options.MaxRetryDelay), options.RetryDelay);
        CheckTime(options.MissingTopicTimeout, nameof(options.MissingTopicTimeout), TimeSpan.Zero);
        CheckTime(options.DrainTimeout, nameof(options.DrainTimeout), TimeSpan.Zero);
        CheckTime(options.KeepSentFor, nameof(options.KeepSentFor), TimeSpan.Zero, LongestKept);
        CheckNumber(options.PageSize, nameof(options.PageSize), 1);
        CheckNumber(options.MaxHeldRows, nameof(options.MaxHeldRows), 2 * (long)options.PageSize);
        CheckNumber(options.MaxInFlight, nameof(options.MaxInFlight), 1);

        if (!Enum.IsDefined(options.OnRefused))
        {
            result.AddError($"must be HoldKey or SetAside, but is {options.OnRefused}.", nameof(options.OnRefused));
        }

        return result.Build();

        void CheckTime(TimeSpan value, string property, TimeSpan least, TimeSpan? most = null)
        {
            var limit = most ?? Longest;

            if (value < least || value > limit)
            {
                result.AddError($"must be from {least} to {limit.TotalHours} hours, but is {value}.", property);
            }
        }

        void CheckNumber(int value, string property, long least)
        {
            if (value < least)
            {
                result.AddError($"must be at least {least}, but is {value}.", property);
            }
        }
    }
}
