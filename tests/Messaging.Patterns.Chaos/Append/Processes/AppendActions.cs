using System.Diagnostics;
using System.Globalization;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>Appends, decisions, repetitions and resolutions of a client.</summary>
internal sealed class AppendActions(StoreProcess process, Random random)
{
    /// <summary>A writer that tells a caller "failed" when the time is up.</summary>
    public const string TimeoutIsFailure = "timeout-is-failure";

    /// <summary>A writer that tells a caller "accepted" at times and has not appended.</summary>
    public const string FalseSuccess = "false-success";

    /// <summary>A writer that appends again, under another id, when the outcome is unknown.</summary>
    public const string BlindRetry = "blind-retry";

    private static readonly Decider<long> Counter = new(0, (count, _) => count + 1);

    public Task AppendAsync(string stream)
    {
        var known = process.Known[stream];
        var expected = random.Next(100) switch
        {
            < 40 => "any",
            < 50 => "exists",
            < 58 => "0",
            < 64 => Text(known + random.Next(1, 3)),
            < 68 => Text(Math.Max(known - 1, 0)),
            _ => Text(known),
        };
        var call = process.NextCall();
        return RunAsync(call, new AppendWork(process.LabelOf(call), stream, NewId(), expected, random.Next(4) == 0 ? random.Next(2, 5) : 1));
    }

    public Task DecideAsync(string stream)
    {
        var call = process.NextCall();
        return RunAsync(call, new AppendWork(process.LabelOf(call), stream, NewId(), "", random.Next(1, 3), Decides: true));
    }

    /// <summary>Repeats an append with an id of its own, of this process or of another one.</summary>
    public async Task RepeatAsync()
    {
        if (process.Others.Pick<AppendBegun>(random, begun => begun.Work.Id is not null && (process.Store is not null || !begun.Work.Decides)) is { } begun)
        {
            await RunAsync(process.NextCall(), begun.Work);
        }
    }

    /// <summary>Resolves an unknown outcome, of this process or of another one, which may be dead.</summary>
    public async Task ResolveAsync()
    {
        if (process.Others.Pick<AppendEnded>(random, ended => ended.Pending is not null)?.Pending is { } pending)
        {
            await ResolveAsync(random.Next(10) == 0 ? pending with { Frame = [] } : pending, TimeSpan.FromSeconds(5));
        }
    }

    public async Task ResolveAsync(PendingNote pending, TimeSpan patience)
    {
        var call = process.NextCall();
        process.Write(new ResolveBegun(Stopwatch.GetTimestamp(), call, pending));
        using var limit = new CancellationTokenSource(patience);
        ResolveEnded ended;

        try
        {
            var resolution = await process.Writer!.ResolveAsync(pending.ToPending(), limit.Token);
            var answer = resolution.Outcome switch
            {
                AppendOutcome.Accepted => Answer.Accepted,
                AppendOutcome.Rejected => Answer.Rejected,
                _ => Answer.None,
            };
            ended = new(Stopwatch.GetTimestamp(), call, answer, resolution.Result?.Version ?? 0, resolution.Result?.Position.ToString());
        }
        catch (Exception exception) when (exception is OperationCanceledException or MessagingException { IsTransient: true })
        {
            ended = new(Stopwatch.GetTimestamp(), call, Answer.None);
        }

        process.Write(ended);
    }

    private async Task RunAsync(int call, AppendWork work)
    {
        process.Write(new AppendBegun(Stopwatch.GetTimestamp(), call, work));
        using var impatience = new CancellationTokenSource(random.Next(12) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 20)) : Timeout.InfiniteTimeSpan);
        var ended = await AnswerAsync(call, () => CallAsync(work, impatience.Token));
        process.Write(ended);

        if (ended.Answer is Answer.Accepted or Answer.Conflict)
        {
            process.Known.Heard(work.Stream, ended.Version);
        }

        if (ended.Answer == Answer.Unknown && process.Settings.Mutant == BlindRetry)
        {
            await RunAsync(process.NextCall(), work with { Id = null });
        }
    }

    private async Task<AppendResult> CallAsync(AppendWork work, CancellationToken cancellationToken)
    {
        var timeout = TimeSpan.FromMilliseconds(random.Next(10) switch { 0 => random.Next(2, 50), < 4 => random.Next(100, 1_000), _ => 5_000 });
        var stream = StreamId.Parse(work.Stream);

        if (process.Settings.Mutant == FalseSuccess && random.Next(50) == 0)
        {
            return new AppendResult(process.Known[work.Stream] + work.Count, Position.At($"{process.Settings.Topic}:0", 1));
        }

        if (!work.Decides)
        {
            return await process.Writer!.AppendAsync(
                stream, work.Expected, Noted.Many(work.Label, work.Count), new AppendOptions { Id = work.AppendId, Timeout = timeout }, cancellationToken);
        }

        var options = new DecideOptions { Id = work.AppendId, Timeout = timeout };
        return await process.Store!.DecideAsync(stream, Counter, version => Noted.Many(work.Label, work.Count, version), options, cancellationToken);
    }

    private async Task<AppendEnded> AnswerAsync(int call, Func<Task<AppendResult>> append)
    {
        try
        {
            var result = await append();
            return new(Stopwatch.GetTimestamp(), call, Answer.Accepted, result.Version, result.Position.ToString());
        }
        catch (StreamConflictException exception)
        {
            return new(Stopwatch.GetTimestamp(), call, Answer.Conflict, exception.Actual);
        }
        catch (AppendOutcomeUnknownException exception)
        {
            var answer = process.Settings.Mutant == TimeoutIsFailure ? Answer.NotWritten : Answer.Unknown;
            return new(Stopwatch.GetTimestamp(), call, answer, Pending: PendingNote.Of(exception.Pending));
        }
        catch (Exception exception) when (exception is OperationCanceledException or MessagingException { IsTransient: true })
        {
            return new(Stopwatch.GetTimestamp(), call, Answer.NotWritten);
        }
    }

    private Guid? NewId() => random.Next(2) == 0 ? AppendId.New().Value : null;

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);
}
