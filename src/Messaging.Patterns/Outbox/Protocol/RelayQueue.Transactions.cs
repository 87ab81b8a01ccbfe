namespace Messaging.Patterns.Outbox.Protocol;

/// <content>Rows that go together: a transaction is stored as a whole or not at all, so any number of a key may be in it, in their order.</content>
internal sealed partial class RelayQueue
{
    /// <summary>Takes rows of a bucket for one transaction.</summary>
    public List<RelayRow> TakeBatch(int bucket, int atMost)
    {
        var (batch, line) = (new List<RelayRow>(), LineOf(bucket));

        for (var left = line.Count; left > 0 && HasRoom(batch, atMost) && TryDequeue(line, out var chain); left--)
        {
            if (batch.Count == 0 || chain.Rows.Peek().GoesWith(batch[0]))
            {
                Take(chain, batch, atMost);
            }
            else
            {
                MakeReady(chain);
            }
        }

        return batch;
    }

    /// <summary>A row was in a transaction that came to nothing, by no fault of its own: it goes again.</summary>
    public void Returned(RelayRow row)
    {
        End(row);

        if (!row.IsAbandoned)
        {
            MakeReady(_chains[row.Key]);
        }
    }

    /// <summary>Rows that are stored, as whoever held the bucket before has noted with them: they are deleted, and not sent if they are read.</summary>
    public void AddStored(int bucket, IEnumerable<long> ids)
    {
        foreach (var id in ids.Where(_held.Add))
        {
            _busy[bucket] = _busy.GetValueOrDefault(bucket) + 1;
            _stored.Add(new(id, bucket, key: ""));
        }
    }

    private void Take(KeyChain chain, List<RelayRow> batch, int atMost)
    {
        chain.State = ChainState.Sending;

        foreach (var row in chain.Rows)
        {
            if (batch.Count > 0 && !(HasRoom(batch, atMost) && row.GoesWith(batch[0])))
            {
                return;
            }

            Begin(row);
            batch.Add(row);
        }
    }

    private bool HasRoom(List<RelayRow> batch, int atMost) =>
        InFlight < maxInFlight && batch.Count < atMost && (batch.Count == 0 || batch.Count < batch[0].AtMostTogether);
}
