using System.Collections.Concurrent;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>What the clients of a process last heard of the versions of streams; not always the newest.</summary>
internal sealed class KnownVersions
{
    private readonly ConcurrentDictionary<string, long> _versions = new(StringComparer.Ordinal);

    public long this[string stream] => _versions.GetValueOrDefault(stream);

    public void Heard(string stream, long version) => _versions[stream] = version;
}
