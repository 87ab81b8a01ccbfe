namespace Messaging.Patterns.Consuming;

/// <summary>What a rewind means for a handler.</summary>
public enum ReplayPolicy
{
    /// <summary>It is given the events again.</summary>
    Run,

    /// <summary>Events that were handled before pass it by: those with <see cref="EventContext.IsReplay"/>. Other handlers of the group are given them.</summary>
    Skip,

    /// <summary>Its group does not go back: the owner of a partition refuses the order.</summary>
    Refuse,
}
