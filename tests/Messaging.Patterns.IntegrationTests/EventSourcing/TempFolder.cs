namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>A folder that outlives instances, and is gone at the end of the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    public void Clear()
    {
        Dispose();
        Directory.CreateDirectory(Path);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
