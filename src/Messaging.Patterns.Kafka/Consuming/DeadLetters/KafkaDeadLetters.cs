using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Connection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>Dead letters in the topics of their groups. What was replayed is marked by a record in the same partition.</summary>
internal sealed class KafkaDeadLetters(
    KafkaClients clients, KafkaProducer producer, IEnumerable<ConsumerGroupName> groups, IOptionsMonitor<KafkaConsumerGroupOptions> options, TimeProvider time) : IDeadLetters
{
    public IAsyncEnumerable<DeadLetter> BrowseAsync(string group, DeadLetterFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(group);
        return FindAsync(TopicOf(group), filter ?? new(), cancellationToken);
    }

    public async ValueTask<int> ReplayAsync(string group, DeadLetterFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(group);
        var (topic, count) = (TopicOf(group), 0);

        await foreach (var letter in FindAsync(topic, filter ?? new(), cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ReplayAsync(topic, letter).ConfigureAwait(false);
            count++;
        }

        return count;
    }

    private string TopicOf(string group) =>
        (groups.Any(known => known.Value == group) ? options.Get(group).DeadLetterTopic : null) ?? DeadLetterFormat.TopicOf(group);

    private async Task ReplayAsync(string topic, DeadLetter letter)
    {
        if (letter.Version > 0)
        {
            throw new MessagingException(
                $"Dead letter '{letter.Id}' of group '{letter.Group}' cannot be replayed: it is version {letter.Version} of a stream in topic '{letter.Topic}', and a version that is written again is "
                + $"passed over by every reader. Set the group back to offset {letter.Offset} of partition {letter.Partition} instead.");
        }

        var headers = new Headers();

        foreach (var (name, value) in letter.Headers)
        {
            headers.Add(name, value.ToArray());
        }

        var message = new Message<byte[], byte[]> { Key = letter.Key?.ToArray()!, Value = letter.Value?.ToArray()!, Headers = headers };

        // First the record, then the mark: a crash between them repeats the record when the replay is done again. The other way round it would be lost.
        await StoreAsync(letter, new TopicPartition(letter.Topic, letter.Partition), message).ConfigureAwait(false);
        await StoreAsync(letter, new TopicPartition(topic, PlaceOf(letter).Partition), MarkOf(letter)).ConfigureAwait(false);
    }

    private async Task StoreAsync(DeadLetter letter, TopicPartition target, Message<byte[], byte[]> message)
    {
        try
        {
            await StoreOperation.SendAsync(producer, target, message).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw new MessagingException($"Dead letter '{letter.Id}' of group '{letter.Group}' could not be replayed to {target}: {exception.Error.Reason}. Do it again; those before it are done.", exception);
        }
    }

    private Message<byte[], byte[]> MarkOf(DeadLetter letter) => new()
    {
        Key = letter.Key?.ToArray()!,
        Headers =
        [
            new Header(DeadLetterFormat.Replayed, Encoding.UTF8.GetBytes(PlaceOf(letter).Offset.ToString(CultureInfo.InvariantCulture))),
            new Header(DeadLetterFormat.Time, Encoding.UTF8.GetBytes(time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture))),
        ],
    };

    private static (int Partition, long Offset) PlaceOf(DeadLetter letter)
    {
        var parts = letter.Id.Split('@');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private async IAsyncEnumerable<DeadLetter> FindAsync(string topic, DeadLetterFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reading = await WholeTopic.OpenAsync(clients, time, topic, cancellationToken).ConfigureAwait(false);
        var marks = new Dictionary<(int Partition, long Offset), DateTimeOffset>();

        // Marks stand behind what they mark: first all marks, then the dead letters.
        await foreach (var record in reading.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (DeadLetterReader.ReadMark(record) is { } mark)
            {
                marks[(record.Partition.Value, mark.Offset)] = mark.Time;
            }
        }

        await foreach (var record in reading.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            DateTimeOffset? replayedAt = marks.TryGetValue((record.Partition.Value, record.Offset.Value), out var at) ? at : null;

            if (DeadLetterReader.Read(record, replayedAt) is { } letter && filter.Matches(letter))
            {
                yield return letter;
            }
        }
    }
}
