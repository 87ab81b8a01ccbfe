using Messaging.Patterns.Outbox.Protocol;
using Messaging.Patterns.Tests.Outbox.Simulation;

namespace Messaging.Patterns.Tests.Outbox;

/// <summary>The proof that the invariants are worth something: the relay is broken on purpose, in one place, and the histories that pass with the original notice it.</summary>
public sealed class RelayMutantTests
{
    private const int Seeds = 60_000;

    private static readonly string Entry = typeof(RelayMutantEntry).FullName!;
    private static readonly MutantCompiler Compiler = new(FindSources(), [typeof(RelayMutantTests).Assembly.Location, typeof(RelayQueue).Assembly.Location]);

    [Theory]
    [InlineData("a failed row lets the next of its key go", "RelayQueue.cs", "chain.State = ChainState.Delayed;", "chain.Rows.Dequeue(); chain.Rows.Enqueue(row); chain.State = ChainState.Delayed;")]
    [InlineData("the next row of a key goes before the answer", "RelayQueue.cs", "Begin(row);\n                return row;", "Begin(row); chain.Rows.Dequeue(); chain.Rows.Enqueue(row); if (chain.Rows.Peek() != row) { MakeReady(chain); }\n                return row;")]
    [InlineData("rows behind a parked one follow although they are to wait", "RelayQueue.cs", "if (othersFollow)", "if (othersFollow || chain.Rows.Count > 1)")]
    [InlineData("rows of a parked key are not held back", "SimRelay.cs", "profile.OthersFollow || !row.IsHeld", "row.Row.Id > 0")]
    [InlineData("late rows are read behind new ones", "ReadCursor.cs", "After == 0 ? null", "_pass is null ? null")]
    [InlineData("a pass begins where the last one began", "ReadCursor.cs", "(_last, _pass, _lateAfter) = (snapshot, null, 0);", "(_pass, _lateAfter) = (null, 0);")]
    [InlineData("late transactions before the last snapshot are forgotten", "ReadCursor.cs", "new LateTransactions(_last.Next, _last.Open,", "new LateTransactions(_last.Next, [],")]
    [InlineData("late transactions after the last snapshot are forgotten", "ReadCursor.cs", "new LateTransactions(_last.Next,", "new LateTransactions(_last.Next + 1,")]
    [InlineData("only the first page of late rows is read", "ReadCursor.cs", "if (isFull && lastId <= After)", "if (isFull && lastId < 0)")]
    [InlineData("further pages of late rows see more than the first", "ReadCursor.cs", "new(_pass, After,", "new(null, After,")]
    [InlineData("what ended during a pass is taken for read", "SimRelay.cs", "var snapshot = request.AsOf ?? simulation.Database.Snapshot();", "var snapshot = simulation.Database.Snapshot();")]
    [InlineData("a failed row is forgotten", "RelayQueue.cs", "_delayed.Enqueue(chain, nextAttempt);", "if (row.Failures > 1) { Forget(chain); } else { _delayed.Enqueue(chain, nextAttempt); }")]
    [InlineData("a failed row is taken for stored", "RelayQueue.cs", "(row.Failures, row.Reason) = (row.Failures + 1, reason);", "_stored.Add(row);")]
    [InlineData("a row that was refused is deleted", "RelayQueue.cs", "row.Reason = reason;\n\n", "row.Reason = reason; _stored.Add(row);\n\n")]
    [InlineData("what could not be deleted is forgotten", "RelayQueue.cs", "            else\n            {\n                _stored.Add(row);", "            else\n            {\n                Deleted([row]);")]
    [InlineData("the next row of a key never gets its turn", "RelayQueue.cs", "if (chain.Rows.Count > 0)\n        {\n            MakeReady(chain);\n        }\n        else", "if (chain.Rows.Count == 0)")]
    [InlineData("a lost lease leaves its rows", "RelayQueue.cs", "Forget(chain);\n        }\n\n        foreach (var row in _stored", "}\n\n        foreach (var row in _stored")]
    [InlineData("a bucket that was gained is not read from its first row", "SimRelay.cs", "change.Gained.Count > 0 || isAnew", "change.Gained.Count > RelayProfile.Buckets || isAnew")]
    [InlineData("memory is not bounded", "RelayQueue.cs", "Math.Max(0, maxHeld - _held.Count)", "maxHeld")]
    [InlineData("sends are not bounded", "RelayQueue.cs", "while (InFlight < maxInFlight && ", "while (")]
    [InlineData("a bucket is sent from before its transactional id is taken over", "FencedBuckets.cs", "one.Value.State is BucketState.Open or BucketState.Sending)", "true)")]
    [InlineData("a transactional id is taken for taken over", "SimTransactionalIds.cs", "++_epochs[bucket]", "_epochs[bucket]")]
    [InlineData("rows are deleted before their transaction is committed", "FencedBuckets.cs", "one.State = BucketState.Sending;", "one.State = BucketState.Sending; queue.AddStored(bucket + 0, rows.Select(row => -row.Id)); foreach (var row in queue.TakeStored(int.MaxValue)) { queue.NotDeleted([row.Id < 0 ? new RelayRow(-row.Id, bucket, row.Key) : row]); }")]
    [InlineData("after a commit whose outcome is not known the rows are sent on", "FencedBuckets.cs", "Close(batch.Bucket, batch.Session, restsUntil);", "if (Current(batch.Bucket, batch.Session) is { } one) { one.State = BucketState.Open; one.UnderWay = new HashSet<long>(); }")]
    [InlineData("a transaction with a failed record is taken for committed", "FencedBuckets.cs", "            default:\n                queue.Returned(row);", "            default:\n                queue.Acknowledged(row);")]
    [InlineData("a note names only the rows of its own transaction", "FencedBuckets.cs", "one.Committed.Concat(one.UnderWay)", "one.UnderWay")]
    [InlineData("the note of the former holder is not heeded", "FencedBuckets.cs", "            queue.AddStored(bucket, one.Committed);\n        }", "            one.Committed.Clear();\n        }")]
    [InlineData("the rows of the former holder's note are not noted again", "FencedBuckets.cs", "            queue.AddStored(bucket, one.Committed);\n        }", "            queue.AddStored(bucket, one.Committed); one.Committed.Clear();\n        }")]
    [InlineData("a row is not noted any more before it is deleted", "FencedBuckets.cs", "one.Committed.UnionWith(one.UnderWay);", "one.Committed.Clear(); one.Committed.UnionWith(one.UnderWay);")]
    [InlineData("what was read before a bucket was opened is sent", "FencedBuckets.cs", "session == one.Session && ", "")]
    [InlineData("what is committed and read once more is sent", "FencedBuckets.cs", " && !one.Committed.Contains(row.Id)", "")]
    [InlineData("what is under way and read once more is sent", "FencedBuckets.cs", " && !one.UnderWay.Contains(row.Id)", "")]
    [InlineData("the table is not read anew when a bucket is opened", "FencedBuckets.cs", "        _mustReadAnew = true;\n        return true;", "        return true;")]
    [InlineData("an answer to an earlier session counts", "FencedBuckets.cs", "Find(bucket) is var one && one.Session == session ? one : null", "Find(bucket)")]
    [InlineData("rows of a key that was refused as a whole are parked out of their order", "FencedBuckets.cs", " when isAlone && (", " when (isAlone || blamed > 1) && (")]
    [InlineData("rows that failed together never go apart", "FencedBuckets.cs", "Math.Max(1, Math.Min(row.AtMostTogether, blamed) / 2)", "int.MaxValue")]
    [InlineData("rows of a key change their order in a transaction", "RelayQueue.Transactions.cs", "batch.Add(row);", "batch.Insert(0, row);")]
    [InlineData("rows behind those of an aborted transaction go without them", "FencedBuckets.cs", "                queue.Release(bucket => bucket == batch.Bucket);\n", "")]
    [InlineData("what was sent in an earlier run of the database is deleted", "RelayQueue.cs", "!isInTransactions && row.Run != Run", "Run is null")]
    [InlineData("rows of an earlier run of the database are held", "RelayQueue.cs", "        Release(_ => true);\n", "")]
    [InlineData("numbers of rows that were being deleted in an earlier run of the database are held", "RelayQueue.cs", "            _held.Clear();\n", "")]
    [InlineData("what was deleted in an earlier run of the database hides what has its number", "RelayQueue.cs", "                continue;\n            }\n\n            if (!row.IsAbandoned)", "            }\n\n            if (!row.IsAbandoned)")]
    [InlineData("rows are deleted in whatever run of the database", "SimDatabase.cs", "if (run != Run)\n", "if (run is null)\n")]
    [InlineData("a page of a new run of the database is taken in", "SimRelay.cs", "if (run != _queue.Run)", "if (run is null)")]
    [InlineData("a new run of the database is read from where the last one was", "SimRelay.cs", "change.Gained.Count > 0 || isAnew", "change.Gained.Count > 0 && (before is null || _queue.Run == \"1\")")]
    public void A_broken_relay_is_caught(string what, string file, string original, string broken)
    {
        var entry = Compiler.Compile(Entry, file, original, broken);

        Assert.True(FindViolations(entry, Seeds).Length > 0, $"The mutant in which {what} passes {Seeds} histories.");
    }

    /// <summary>So that nothing is caught because of how mutants are compiled and run.</summary>
    [Fact]
    public void The_relay_as_it_is_passes() => Assert.Empty(FindViolations(Compiler.CompileOriginal(Entry), 500));

    private static string FindViolations(Type entry, int seeds) =>
        (string)entry.GetMethod(nameof(RelayMutantEntry.FindViolations))!.Invoke(null, [0, seeds])!;

    private static IEnumerable<string> FindSources()
    {
        var tests = Path.Combine(RepositoryFolder.Root, "tests");
        return
        [
            .. Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "src", "Messaging.Patterns", "Outbox", "Protocol"), "*.cs"),
            .. Directory.GetFiles(Path.Combine(tests, "Messaging.Patterns.Tests", "Outbox", "Simulation"), "*.cs"),
            Path.Combine(tests, "Messaging.Patterns.Kafka.Tests", "EventSourcing", "Protocol", "Simulation", "SimRandom.cs"),
        ];
    }
}
