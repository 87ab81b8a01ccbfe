namespace Messaging.Patterns.EventSourcing.Copying.Protocol;

/// <summary>What the target's answer says of an append.</summary>
internal enum CopyVerdict
{
    /// <summary>The target has it at its place.</summary>
    Copied,

    /// <summary>The target has something at its place: what, is to be looked at.</summary>
    Compare,

    /// <summary>The target lacks versions before it.</summary>
    Gap,

    /// <summary>The target has something else at its place.</summary>
    Foreign,
}
