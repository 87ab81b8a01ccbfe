using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>A file system in memory that is soon full. Only root can mount one; elsewhere the test is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static async Task<SmallDisk> MountAsync(string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can mount a small disk.");
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("disk-").FullName);
        var mounted = await ProcessRunner.RunAsync("/bin/mount", ["-t", "tmpfs", "-o", $"size={size}", "tmpfs", disk.Path]);

        if (mounted.ExitCode != 0)
        {
            Directory.Delete(disk.Path);
            Assert.Skip($"No disk can be mounted here: {mounted.Errors}");
        }

        return disk;
    }

    public async Task GrowAsync(string size) => Assert.Equal(0, (await ProcessRunner.RunAsync("/bin/mount", ["-o", $"remount,size={size}", Path])).ExitCode);

    public void Dispose()
    {
        using var unmount = ProcessRunner.Start("/bin/umount", ["-l", Path]);
        unmount.WaitForExit();
        Directory.Delete(Path);
    }
}
