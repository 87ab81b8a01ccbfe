using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Counts the events of a feed as they come, from the place on that a subscription has got to.</summary>
internal sealed class SubscriptionCursor(SubscriptionPlace start)
{
    private readonly SubscriptionPlace _start = start;
    private long _number;
    private int _index;

    /// <summary>Gets the place behind the last event that was taken.</summary>
    public SubscriptionPlace Place { get; private set; } = start;

    /// <summary>Takes the next event, and returns its place in its append; <see langword="null"/> if it was handled before.</summary>
    public int? Take(RecordedEvent recorded)
    {
        var number = EventRows.NumberOf(recorded);
        (_number, _index) = (number, number == _number ? _index + 1 : 0);

        if (number == _start.Number && _index < _start.Handled)
        {
            return null;
        }

        Place = Place.Behind(number);
        return _index;
    }
}
