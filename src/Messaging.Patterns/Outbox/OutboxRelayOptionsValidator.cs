using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Outbox;

internal sealed class OutboxRelayOptionsValidator : IValidateOptions<OutboxRelayOptions>
{
    private const int LongestPrefix = 200;

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

        CheckNumber(options.MaxRowsPerTransaction, nameof(options.MaxRowsPerTransaction), 1);

        if (options.TransactionalIdPrefix is { } prefix && (prefix.Length is 0 or > LongestPrefix || !prefix.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')))
        {
            result.AddError($"must be 1 to {LongestPrefix} letters, digits, '.', '_' and '-', but is '{prefix}'.", nameof(options.TransactionalIdPrefix));
        }

        if (options is { TransactionalIdPrefix: not null, UseTransactions: false })
        {
            result.AddError($"is set, but {nameof(options.UseTransactions)} is not: rows would go without transactions. Set it to true, or remove the prefix.", nameof(options.TransactionalIdPrefix));
        }

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
