using System.Diagnostics.CodeAnalysis;
using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>The redirected keys of one assignment of a partition: of which the next record is tried when, and what follows. Pure; the caller locks.</summary>
/// <remarks>
/// Of each key one record is under way at a time. It is handled, its release is stored, and only then the next one is given out, or the key goes on in the source
/// partition. One that fails is tried again, each time after a longer wait; when there is no more patience with it, it is set aside, or the partition stops.
/// </remarks>
internal sealed class KeyRetries
{
    private readonly RedirectedKeys _keys;
    private readonly ParkingSettings _settings;
    private readonly Dictionary<RecordKey, KeyRetry> _retries = [];
    private readonly PriorityQueue<KeyRetry, long> _waiting = new();

    /// <summary>Begins.</summary>
    /// <param name="keys">What former owners left. It is tried at once.</param>
    /// <param name="settings">How long there is patience. Nothing is held in memory, so those limits mean nothing.</param>
    /// <param name="now">The time.</param>
    public KeyRetries(RedirectedKeys keys, ParkingSettings settings, long now)
    {
        (_keys, _settings) = (keys, settings);
        keys.All.ToList().ForEach(key => WaitForNext(new KeyRetry(key), now));
    }

    /// <summary>Gets how many keys are redirected.</summary>
    public int Count => _keys.Count;

    /// <summary>Gets how many of their records wait in the retry partition.</summary>
    public long Records => _keys.Records;

    /// <summary>Gets where each key stands.</summary>
    public IReadOnlyCollection<KeyRetry> All => _retries.Values;

    /// <summary>Gets when a record is to be given out next; <see langword="null"/> if none waits.</summary>
    public long? NextDue => _waiting.TryPeek(out _, out var due) ? due : null;

    /// <summary>Returns whether a record of a key in the source partition is to be stored in the retry partition, and not handled.</summary>
    public bool IsRedirected(RecordKey key) => _keys.Contains(key);

    /// <summary>Returns how many records of a key wait.</summary>
    public int CountOf(KeyRetry retry) => _keys.Contains(retry.Key) ? _keys.CountOf(retry.Key) : 0;

    /// <summary>A record of a key is stored in the retry partition.</summary>
    /// <param name="key">The key.</param>
    /// <param name="offset">The record's offset there.</param>
    /// <param name="source">Its offset in the source partition.</param>
    /// <param name="now">The time.</param>
    public void Redirected(RecordKey key, long offset, long source, long now)
    {
        _keys.Add(key, offset, source);

        if (!_retries.ContainsKey(key))
        {
            // It failed just now.
            WaitForNext(new KeyRetry(key), now + Math.Min(_settings.DelayAfter(0), long.MaxValue - now));
        }
    }

    /// <summary>Takes a record whose time has come.</summary>
    public bool TryTake(long now, [NotNullWhen(true)] out KeyRetry? retry)
    {
        if (!_waiting.TryPeek(out retry, out var due) || due > now)
        {
            retry = null;
            return false;
        }

        _waiting.Dequeue();
        retry.Due = null;
        return true;
    }

    /// <summary>What was to be done with a record failed.</summary>
    /// <returns>Whether the partition can go on; otherwise it must stop, and nothing more of the key is given out.</returns>
    public bool Failed(KeyRetry retry, WorkOutcome outcome, long now)
    {
        if (outcome == WorkOutcome.FailedForGood)
        {
            return false;
        }

        if (outcome == WorkOutcome.Failed)
        {
            // For the first time, or at something else: a later event of the same record.
            retry.Begin(RetryStep.Handle);
        }
        else
        {
            retry.Tries++;
        }

        retry.Since ??= now;
        var isOver = now - retry.Since >= _settings.MaxTime;

        if (retry.Next != RetryStep.Handle || (retry.Tries < _settings.Retries || _settings.Retries is null) && !isOver)
        {
            return !isOver && Wait(retry, now);
        }

        if (!_settings.SetsAside)
        {
            return false;
        }

        retry.Begin(RetryStep.SetAside);
        WaitUntil(retry, now);
        return true;
    }

    /// <summary>The release of a record is stored.</summary>
    public void Released(KeyRetry retry, long now)
    {
        _keys.Release(retry.Key, retry.Offset);

        if (_keys.Contains(retry.Key))
        {
            retry.Begin(RetryStep.Handle);
            WaitForNext(retry, now);
        }
        else
        {
            _retries.Remove(retry.Key);
        }
    }

    private void WaitForNext(KeyRetry retry, long until)
    {
        (retry.Offset, retry.Source) = _keys.Next(retry.Key);
        retry.Progress = null;
        _retries[retry.Key] = retry;
        WaitUntil(retry, until);
    }

    // The last try is when the time is over, not before.
    private bool Wait(KeyRetry retry, long now)
    {
        var since = retry.Since!.Value;
        WaitUntil(retry, Math.Min(now + Math.Min(_settings.DelayAfter(retry.Tries), long.MaxValue - now), since + Math.Min(_settings.MaxTime, long.MaxValue - since)));
        return true;
    }

    private void WaitUntil(KeyRetry retry, long due)
    {
        retry.Due = due;
        _waiting.Enqueue(retry, due);
    }
}
