using System.Collections.Immutable;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Who is told that a transaction with events has committed, in the process that committed it.</summary>
internal sealed class OutboxCommits
{
    private ImmutableArray<Action> _told = [];

    /// <summary>Adds somebody, who must not wait and not throw: commits tell it.</summary>
    public void Add(Action told) => ImmutableInterlocked.Update(ref _told, all => all.Add(told));

    public void Tell()
    {
        foreach (var told in _told)
        {
            told();
        }
    }
}
