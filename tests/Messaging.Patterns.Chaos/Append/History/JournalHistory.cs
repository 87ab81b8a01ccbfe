using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append.History;

/// <summary>Joins the lines of journals to calls with their answers.</summary>
internal sealed class JournalHistory
{
    private readonly List<AppendCall> _appends = [];
    private readonly List<ResolveCall> _resolves = [];
    private readonly List<ReadCall> _reads = [];
    private readonly List<Handling> _handlings = [];
    private readonly List<(string, VersionProbed)> _probes = [];
    private readonly List<(string, FeedRead)> _feeds = [];
    private readonly List<(string, Broken)> _broken = [];

    /// <summary>Reads journals.</summary>
    /// <param name="paths">Their files.</param>
    /// <param name="isFinal">Returns whether a process only told what it holds when all was over.</param>
    public static AppendHistory Read(IEnumerable<string> paths, Func<string, bool> isFinal)
    {
        var joined = new JournalHistory();

        foreach (var path in paths)
        {
            var process = Path.GetFileNameWithoutExtension(path);
            joined.Add(process, Journal.Read<Entry>(path), isFinal(process));
        }

        return new AppendHistory
        {
            Appends = joined._appends,
            Resolves = joined._resolves,
            Reads = joined._reads,
            Handlings = joined._handlings,
            Probes = joined._probes,
            Feeds = joined._feeds,
            Broken = joined._broken,
        };
    }

    private void Add(string process, IEnumerable<Entry> entries, bool isFinal)
    {
        var appends = new Dictionary<int, AppendCall>();
        var resolves = new Dictionary<int, ResolveCall>();
        var reads = new Dictionary<int, ReadBegun>();
        var handlings = new Dictionary<(int, long, int), HandlingBegun>();

        foreach (var entry in entries)
        {
            switch (entry)
            {
                case AppendBegun begun:
                    appends[begun.Call] = new AppendCall(process, begun.Work, begun.At);
                    break;
                case AppendEnded ended when appends.Remove(ended.Call, out var call):
                    _appends.Add(call with { Ended = ended.At, Answer = ended.Answer, Version = ended.Version, Position = ended.Position, Pending = ended.Pending });
                    break;
                case ResolveBegun begun:
                    resolves[begun.Call] = new ResolveCall(process, begun.Pending, begun.At);
                    break;
                case ResolveEnded ended when resolves.Remove(ended.Call, out var call):
                    _resolves.Add(call with { Ended = ended.At, Answer = ended.Answer, Version = ended.Version, Position = ended.Position });
                    break;
                case ReadBegun begun:
                    reads[begun.Call] = begun;
                    break;
                case ReadEnded ended when reads.Remove(ended.Call, out var begun):
                    _reads.Add(new ReadCall(process, begun, ended, isFinal));
                    break;
                case HandlingBegun begun:
                    handlings[(begun.Partition, begun.Offset, begun.Index)] = begun;
                    break;
                case HandlingEnded ended when handlings.Remove((ended.Partition, ended.Offset, ended.Index), out var begun):
                    _handlings.Add(new Handling(process, begun, ended.At));
                    break;
                default:
                    AddTold(process, entry);
                    break;
            }
        }

        // Killed meanwhile: begun, and never answered.
        _appends.AddRange(appends.Values);
        _resolves.AddRange(resolves.Values);
        _handlings.AddRange(handlings.Values.Select(begun => new Handling(process, begun, long.MaxValue)));
    }

    private void AddTold(string process, Entry entry)
    {
        switch (entry)
        {
            case VersionProbed probed:
                _probes.Add((process, probed));
                break;
            case FeedRead read:
                _feeds.Add((process, read));
                break;
            case Broken broken:
                _broken.Add((process, broken));
                break;
        }
    }
}
