using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>Which appends answer their repetition after a restart: the newest, as many as the option says, whatever the process keeps and however it ended.</summary>
public sealed class AppendWindowTests(OneNodeKafka kafka)
{
    public enum Keeps
    {
        Sqlite,
        Nothing,
        Checkpoint,
    }

    [Theory]
    [InlineData(Keeps.Sqlite)]
    [InlineData(Keeps.Nothing)]
    [InlineData(Keeps.Checkpoint)]
    public async Task The_10000th_newest_append_answers_its_repetition_and_the_one_before_does_not(Keeps keeps)
    {
        using var folder = new TempFolder();
        var setup = await SetupAsync(keeps, folder.Path);
        List<AppendResult> results;
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            results = [.. await Task.WhenAll(Enumerable.Range(0, 10_001).Select(number => AppendAsync(instance, number).AsTask()))];
        }

        var numbers = Enumerable.Range(0, results.Count).OrderBy(number => OffsetOf(results[number])).ToList();

        await using var restarted = await StoreInstance.StartAsync(setup);
        Assert.Equal(results[numbers[1]], await AppendAsync(restarted, numbers[1]));
        Assert.Equal(results[numbers[^1]], await AppendAsync(restarted, numbers[^1]));
        Assert.True((await AppendAsync(restarted, numbers[0])).Version > results[numbers[0]].Version);
    }

    [Theory]
    [InlineData(Keeps.Sqlite, 5)]
    [InlineData(Keeps.Sqlite, 20)]
    [InlineData(Keeps.Nothing, 5)]
    [InlineData(Keeps.Nothing, 20)]
    [InlineData(Keeps.Checkpoint, 5)]
    [InlineData(Keeps.Checkpoint, 20)]
    public async Task A_window_that_was_lowered_or_raised_counts_from_the_next_start(Keeps keeps, int changed)
    {
        using var folder = new TempFolder();
        var setup = await SetupAsync(keeps, folder.Path);
        var results = new List<AppendResult>();
        await using (var instance = await StoreInstance.StartAsync(setup with { Store = store => store.AppendIdWindow = 10 }))
        {
            await AppendAsync(instance, results, 30);
        }

        await using var restarted = await StoreInstance.StartAsync(setup with { Store = store => store.AppendIdWindow = changed });
        await AssertRememberedAsync(restarted, results, changed);
    }

    [Theory]
    [InlineData(Keeps.Sqlite)]
    [InlineData(Keeps.Nothing)]
    [InlineData(Keeps.Checkpoint)]
    public async Task A_process_that_was_killed_remembers_as_much(Keeps keeps)
    {
        using var folder = new TempFolder();
        using var killed = new TempFolder();
        var setup = (await SetupAsync(keeps, folder.Path)) with { Store = store => store.AppendIdWindow = 10 };
        var results = new List<AppendResult>();
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await AppendAsync(instance, results, 15);
            instance.EventLog.SaveCheckpoint();
            await AppendAsync(instance, results, 15);

            // The files as a kill would leave them: a checkpoint that is old, a log of writes that nobody closed.
            CopyFiles(folder.Path, killed.Path);
        }

        await using var restarted = await StoreInstance.StartAsync(setup with { Folder = killed.Path });
        await AssertRememberedAsync(restarted, results, 10);
    }

    private static async Task AppendAsync(StoreInstance instance, List<AppendResult> results, int count)
    {
        for (var number = 0; number < count; number++)
        {
            results.Add(await AppendAsync(instance, results.Count));
        }
    }

    private static ValueTask<AppendResult> AppendAsync(StoreInstance instance, int number) =>
        instance.NoteAsync($"{number % 500}", "text", ExpectedVersion.Any, new() { Id = AppendId.From($"append {number}"), Timeout = TimeSpan.FromMinutes(5) });

    private static async Task AssertRememberedAsync(StoreInstance instance, List<AppendResult> results, int remembered)
    {
        for (var number = results.Count - remembered; number < results.Count; number++)
        {
            Assert.Equal(results[number], await AppendAsync(instance, number));
        }

        var forgotten = results.Count - remembered - 1;
        Assert.Equal(results[forgotten].Version + 1, (await AppendAsync(instance, forgotten)).Version);
    }

    private static long OffsetOf(AppendResult result) => result.Position.Next(Assert.Single(result.Position.Parts));

    private static void CopyFiles(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private async Task<StoreSetup> SetupAsync(Keeps keeps, string folder) => new(await kafka.GetAsync(), KafkaTopics.UniqueName("window"))
    {
        Folder = folder,
        Reads = keeps != Keeps.Checkpoint,
        Topic = topic => topic.Partitions = 1,
        Reader = reader => reader.InMemory = keeps == Keeps.Nothing,
        Writer = writer => writer.CheckpointPath = "versions",
    };
}
