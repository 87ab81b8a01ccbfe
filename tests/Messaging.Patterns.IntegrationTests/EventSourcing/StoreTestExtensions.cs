using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>Short forms of what these tests do all the time.</summary>
internal static class StoreTestExtensions
{
    public static ValueTask<AppendResult> NoteAsync(
        this StoreInstance instance, string id, string text, ExpectedVersion expected = default, AppendOptions? options = null, CancellationToken? cancellationToken = null) =>
        instance.Writer.AppendAsync(new("note", id), expected, Noted.One(text), options, cancellationToken ?? TestContext.Current.CancellationToken);

    public static Task<List<RecordedEvent>> ReadAsync(this StoreInstance instance, string id, ReadConsistency consistency) =>
        instance.ReadAsync(id, new StreamReadOptions { Consistency = consistency });

    public static async Task<List<RecordedEvent>> ReadAsync(this StoreInstance instance, string id, StreamReadOptions options) =>
        await instance.Reader.ReadStreamAsync(new("note", id), options, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    public static IEnumerable<string> Texts(this IEnumerable<RecordedEvent> events) => events.Select(recorded => ((Noted)recorded.Payload).Text);

    /// <summary>Completes when a token is cancelled.</summary>
    public static async Task WaitAsync(this CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
