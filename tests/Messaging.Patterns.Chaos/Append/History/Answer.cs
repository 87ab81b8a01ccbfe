using System.Text.Json.Serialization;

namespace Messaging.Patterns.Chaos.Append.History;

/// <summary>What became of a call, as its caller knows.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Answer>))]
internal enum Answer
{
    /// <summary>Nothing: the process was killed meanwhile, or the call says that it cannot tell yet.</summary>
    None,

    /// <summary>It is in the stream.</summary>
    Accepted,

    /// <summary>The stream does not meet the expectation.</summary>
    Conflict,

    /// <summary>It may be in the stream.</summary>
    Unknown,

    /// <summary>It failed, or was cancelled, and nothing was written.</summary>
    NotWritten,

    /// <summary>It is not in the stream and never will be.</summary>
    Rejected,
}

/// <summary>How fresh a read must be.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Freshness>))]
internal enum Freshness
{
    /// <summary>What the process holds.</summary>
    Local,

    /// <summary>Up to a position.</summary>
    Session,

    /// <summary>All that was acknowledged before, unless a deposed leader answers.</summary>
    Strong,

    /// <summary>All that was acknowledged before.</summary>
    Linearizable,
}
