using System.Diagnostics;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.IntegrationTests.EventSourcing.Invariants;

/// <summary>One client of a history: reads and appends at random, one call after another, through one instance, and writes down what it saw.</summary>
internal sealed class HistoryClient(int number, int seed, StoreInstance instance, History history)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Random _random = new(seed);
    private Position _seen = Position.Start;
    private HistoryCall? _last;

    public async Task RunAsync(CancellationToken stop)
    {
        for (var call = 0; !stop.IsCancellationRequested; call++)
        {
            var stream = history.Streams[_random.Next(history.Streams.Count)];

            if (_random.Next(3) == 0)
            {
                await ReadAsync(stream);
            }
            else
            {
                await AppendAsync(await ChooseAsync(stream, call));
            }

            await Task.Delay(_random.Next(12), TestContext.Current.CancellationToken);
        }
    }

    private async Task<HistoryCall> ChooseAsync(string stream, int call)
    {
        if (_last is { } last && _random.Next(10) == 0)
        {
            return new(last.Stream, last.Id, last.Text, last.Count, last.Expected, Stopwatch.GetTimestamp()) { IsRepeat = true };
        }

        var expected = _random.Next(3) == 0 ? ExpectedVersion.Any : ExpectedVersion.Exactly(await VersionAsync(stream));
        return new(stream, AppendId.New(), $"{number}.{call}", 1 + _random.Next(2), expected, Stopwatch.GetTimestamp());
    }

    private async Task<long> VersionAsync(string stream) =>
        (await instance.Reader.ReadStreamAsync(StreamId.Parse(stream)).ToListAsync(TestContext.Current.CancellationToken)).LastOrDefault()?.Version ?? 0;

    private async Task ReadAsync(string stream)
    {
        var consistency = _random.Next(4) switch
        {
            0 => ReadConsistency.Local,
            1 => ReadConsistency.Session(_seen),
            2 => ReadConsistency.Strong,
            _ => ReadConsistency.Linearizable,
        };
        var started = Stopwatch.GetTimestamp();

        try
        {
            var events = await instance.Reader.ReadStreamAsync(StreamId.Parse(stream), new() { Consistency = consistency }).ToListAsync(TestContext.Current.CancellationToken);
            history.Reads.Add(new(stream, number, consistency, started, Stopwatch.GetTimestamp(), events));
        }
        catch (MessagingException exception) when (exception.IsTransient)
        {
            // The brokers are away; the read says nothing.
        }
    }

    private async Task AppendAsync(HistoryCall call)
    {
        history.Calls.Add(_last = call);
        using var impatience = new CancellationTokenSource(_random.Next(8) == 0 ? TimeSpan.FromMilliseconds(_random.Next(1, 15)) : Timeout.InfiniteTimeSpan);
        var events = Enumerable.Range(0, call.Count).Select(_ => Noted.One(call.Text)[0]).ToList();

        try
        {
            call.Result = await instance.Writer.AppendAsync(StreamId.Parse(call.Stream), call.Expected, events, new() { Id = call.Id, Timeout = Patience }, impatience.Token);
            _seen = _seen.Merge(call.Result.Position);
            call.Outcome = CallOutcome.Accepted;
        }
        catch (StreamConflictException exception)
        {
            (call.Outcome, call.ActualVersion) = (CallOutcome.Conflict, exception.Actual);
        }
        catch (AppendOutcomeUnknownException exception)
        {
            (call.Outcome, call.Pending) = (CallOutcome.Unknown, exception.Pending);
        }
        catch (OperationCanceledException)
        {
            call.Outcome = CallOutcome.NotWritten;
        }
        catch (MessagingException exception) when (exception.IsTransient)
        {
            call.Outcome = CallOutcome.NotWritten;
        }

        call.Ended = Stopwatch.GetTimestamp();
    }
}
