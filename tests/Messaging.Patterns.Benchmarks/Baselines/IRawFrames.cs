namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>Serializes frames that the library would write, as one would by hand.</summary>
internal interface IRawFrames : IDisposable
{
    /// <summary>Returns the frame of an append of one event.</summary>
    byte[] Frame(string stream, long version, long @base, int partitions, OrderPlaced placed);
}
