using Messaging.Patterns.Consuming;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>A process that the kernel kills, in the middle of something.</summary>
public sealed class KilledProcessTests(OneNodeKafka kafka)
{
    // What the process that is killed is told.
    private const string Servers = "KILLED_PROCESS_SERVERS";
    private const string Topic = "KILLED_PROCESS_TOPIC";
    private const string Group = "KILLED_PROCESS_GROUP";

    private readonly Handled _handled = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_between_dead_letter_and_commit_the_event_is_set_aside_again_and_nothing_is_lost()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        var group = KafkaTopics.UniqueName("group");
        await topic.PublishAsync(0, 1, 2, 3);
        using var process = KilledProcess.Start(
            typeof(KilledProcessTests), nameof(The_process_that_is_killed), new Dictionary<string, string> { [Servers] = topic.Servers, [Topic] = topic.Name, [Group] = group });
        await using var looking = await GroupInstance.StartAsync(topic.Servers, KafkaTopics.UniqueName("looking"), one => one.From(topic.Name).Handle<Counted>((_, _, _) => ValueTask.CompletedTask));
        var letters = looking.Get<IDeadLetters>();

        Assert.Single(await UntilAsync(letters, group, 1));
        await KilledProcess.EndAsync(process);

        Assert.Equal([-1], await topic.CommittedAsync(group));
        await using (await StartAsync(topic.Servers, topic.Name, group, TimeSpan.FromSeconds(1)))
        {
            Assert.Equal([1L, 1L], (await UntilAsync(letters, group, 2)).Select(letter => letter.Offset));
            await _handled.UntilCountAsync(2);
        }

        Assert.Equal([1, 3], _handled.Numbers);
        Assert.Equal([3], await topic.CommittedAsync(group));
    }

    // Not a test: what the process of the test above runs, until it is killed.
    [Fact(Explicit = true)]
    public async Task The_process_that_is_killed()
    {
        var (servers, topic, group) = (Environment.GetEnvironmentVariable(Servers)!, Environment.GetEnvironmentVariable(Topic)!, Environment.GetEnvironmentVariable(Group)!);
        await using var instance = await StartAsync(servers, topic, group, TimeSpan.FromHours(1));
        await Task.Delay(Timeout.Infinite, Cancellation);
    }

    // The same static member takes the place of the one that was killed at once.
    private Task<GroupInstance> StartAsync(string servers, string topic, string group, TimeSpan commitInterval) => GroupInstance.StartAsync(servers, group, one => one
        .From(topic)
        .Handle<Counted>((counted, context, token) => counted.Number == 2 ? throw new NotSupportedException() : _handled.HandleAsync(counted, context, token))
        .OnFailure(failure => failure.WithoutRetryLater().ThenDeadLetter())
        .Configure(options => (options.GroupInstanceId, options.CommitInterval) = ("the-one", commitInterval)));

    private static async Task<List<DeadLetter>> UntilAsync(IDeadLetters letters, string group, int count)
    {
        List<DeadLetter> found;

        while ((found = await letters.BrowseAsync(group, cancellationToken: Cancellation).ToListAsync(Cancellation)).Count < count)
        {
            await Task.Delay(50, Cancellation);
        }

        return found;
    }
}
