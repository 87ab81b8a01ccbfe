using System.Diagnostics;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>A process that appends, reads, or both, and journals every call.</summary>
internal sealed class StoreProcess(IServiceProvider services, ChildSettings settings, Journal<Entry> journal)
{
    private int _calls;

    public const string Category = "note";

    public ChildSettings Settings => settings;

    /// <summary>Gets who appends, or <see langword="null"/>.</summary>
    public IEventWriter? Writer { get; } = services.GetService<IEventWriter>();

    /// <summary>Gets who reads, or <see langword="null"/>.</summary>
    public IEventReader? Reader { get; } = services.GetService<IEventReader>();

    /// <summary>Gets who decides, or <see langword="null"/>.</summary>
    public IEventStore? Store { get; } = services.GetService<IEventStore>();

    /// <summary>Gets who reads all, or <see langword="null"/>.</summary>
    public IEventFeed? Feed { get; } = services.GetService<IEventFeed>();

    public OtherJournals Others { get; } = new(settings.Folder);

    public KnownVersions Known { get; } = new();

    public int NextCall() => Interlocked.Increment(ref _calls);

    public string LabelOf(int call) => FormattableString.Invariant($"{settings.Name}.{settings.Incarnation}.{call}");

    public void Write(Entry entry) => journal.Write(entry);

    /// <summary>Runs the process: works until it is told to stop, or says what it holds and ends.</summary>
    public static async Task RunAsync(ChildSettings settings, CancellationToken stopping)
    {
        var role = StoreRole.Parse(settings.Role);
        using var journal = new Journal<Entry>(settings.JournalPath);
        using var host = ChildHost.Build(settings, patterns => Register(patterns, settings, role));

        await ChildHost.RunAsync(host, error => journal.Write(new Broken(Stopwatch.GetTimestamp(), error)), async working =>
        {
            var process = new StoreProcess(host.Services, settings, journal);

            if (role.Audits)
            {
                await new StoreAudit(process).RunAsync(working);
                return;
            }

            await process.UntilReadyAsync(working);
            await Task.WhenAll(Enumerable.Range(0, StoreClient.PerProcess).Select(number => new StoreClient(process, number).RunAsync(working)));
        }, stopping);
    }

    private static void Register(IMessagingPatternsBuilder patterns, ChildSettings settings, StoreRole role)
    {
        patterns.AddEventType<Noted>().AddStreams(Category, settings.Topic, topic => topic.Partitions = AppendScenario.Partitions);

        if (role.Writes)
        {
            patterns.AddKafkaEventWriter(writer =>
            {
                (writer.CheckpointPath, writer.CheckpointInterval) = ("versions.bin", TimeSpan.FromSeconds(2));
                writer.Layout = role.InMemory ? LogLayout.Binary : LogLayout.CloudEvents;
            });
        }

        if (role.Reads)
        {
            patterns.AddKafkaEventReader(reader => (reader.InMemory, reader.ReadTimeout) = (role.InMemory, TimeSpan.FromSeconds(role.Audits ? 60 : 5)));
        }
    }

    /// <summary>Waits until the log of the start is folded: by an append that is refused without being written, or by a read.</summary>
    private async Task UntilReadyAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (Reader is not null)
                {
                    await Reader.ReadStreamAsync(new StreamId(Category, "none"), cancellationToken: cancellationToken).ToListAsync(cancellationToken);
                }
                else
                {
                    await StoreAudit.ProbeAsync(Writer!, new StreamId(Category, "none"), cancellationToken);
                }

                settings.SayReady();
                return;
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                // The brokers are away.
            }
        }
    }
}
