using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using static Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer.SqlServerAppendBatch;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>
/// SQL Server, as far as appends meet there, as its documentation says: a row that is updated stays locked to the end of the transaction, or of the savepoint behind which it
/// was updated; READ COMMITTED sees what was committed when the statement began, SNAPSHOT what was when the transaction began, and may not update what is newer; READ UNCOMMITTED sees
/// everything; a statement that fails ends neither command nor transaction by itself; a command whose transaction is gone works without one.
/// </summary>
internal sealed class SimSqlServer(SimRandom random)
{
    private long _number;
    private long _numberSince;
    private long _sequence;
    private long _commits;

    /// <summary>Gets the events that are committed.</summary>
    public List<SimRow> Rows { get; } = [];

    /// <summary>Gets the transactions that have not ended.</summary>
    public List<SimTransaction> Open { get; } = [];

    public SimTransaction Begin(SimLevel level)
    {
        var begun = new SimTransaction(level);
        Open.Add(begun);
        return begun;
    }

    /// <summary>Does one statement of a command. Returns whether it was done, or else is to be tried again, since it waits.</summary>
    public bool TryStep(SimTransaction one, SimCommand command)
    {
        // The moment of a transaction under SNAPSHOT is that of its first statement.
        one.Since ??= one.Level == SimLevel.Snapshot ? _commits : null;

        switch (command.Batch.Steps[command.At])
        {
            case Step.CheckTransaction:
                return one.IsGone ? command.Fail() : command.Next();
            case Step.Draw:
                return TryDraw(one, command);
            case Step.Sequence:
                command.Number = ++_sequence;
                return command.Next();
            case Step.Peek:
                command.Number = (one.Drawn ?? _number) + 1;
                return command.Next();
            case Step.Keep:
                return command.Number is { } kept ? TryLock(one, command, kept) : command.Fail();
            case Step.CheckNumber:
                return command.Number is null ? command.Fail() : command.Next();
            case Step.ReadVersion:
                command.Version = Visible(one).Where(row => row.Stream == command.Stream).Select(row => row.Version).DefaultIfEmpty().Max();
                return command.Next();
            default:
                return TryInsert(one, command);
        }
    }

    public void Save(SimTransaction one) => one.Saved = (one.Rows.Count, one.Drawn);

    // The lock goes with what was done behind the savepoint.
    public void RollBackToSavepoint(SimTransaction one)
    {
        one.Rows.RemoveRange(one.Saved.Rows, one.Rows.Count - one.Saved.Rows);
        one.Drawn = one.Saved.Drawn;
    }

    public void RollBack(SimTransaction one)
    {
        one.IsGone = true;
        one.Rows.Clear();
        one.Drawn = null;
        Open.Remove(one);
    }

    public void Commit(SimTransaction one)
    {
        _commits++;
        Rows.AddRange(one.Rows.Select(row => row with { Since = _commits }));
        (_number, _numberSince) = one.Drawn is { } drawn ? (drawn, _commits) : (_number, _numberSince);
        RollBack(one);
    }

    private bool TryDraw(SimTransaction one, SimCommand command)
    {
        if (Open.Exists(other => other != one && other.Drawn is not null))
        {
            return Wait(one, command);
        }

        command.Number = (one.Drawn ?? _number) + 1;
        return TryLock(one, command, command.Number.Value);
    }

    private bool TryLock(SimTransaction one, SimCommand command, long number)
    {
        if (Open.Exists(other => other != one && other.Drawn is not null))
        {
            return Wait(one, command);
        }

        if (one.Drawn is null && one.Since < _numberSince)
        {
            RollBack(one);
            command.Number = null;
            return command.Fail();
        }

        one.Drawn = number;
        return End(one, command);
    }

    // A lock is waited for, or given up: by the time limit of the session, or as the victim of a deadlock, which rolls everything back.
    private bool Wait(SimTransaction one, SimCommand command)
    {
        if (!random.Chance(15))
        {
            return false;
        }

        command.Number = null;

        if (random.Chance(30))
        {
            RollBack(one);
        }

        return command.Fail();
    }

    private bool TryInsert(SimTransaction one, SimCommand command)
    {
        var visible = Visible(one).Where(row => row.Stream == command.Stream).ToList();

        if ((command.Expected is { } expected && expected != command.Version) || visible.Exists(row => row.Id == command.Id))
        {
            command.IsRefused = true;
            return command.Next();
        }

        // The column takes no NULL, and its unique indexes nothing twice, of whomever.
        var added = new SimRow(command.Number ?? -1, command.Stream, command.Version + 1, command.Id, 0);
        var same = Rows.Concat(Open.SelectMany(other => other.Rows)).Any(row => row.Number == added.Number || (row.Stream == added.Stream && row.Version == added.Version));

        if (command.Number is null || same)
        {
            return command.Fail();
        }

        one.Rows.Add(added);
        return End(one, command);
    }

    // Without a transaction each statement is one.
    private bool End(SimTransaction one, SimCommand command)
    {
        if (one.IsGone)
        {
            Commit(one);
        }

        return command.Next();
    }

    private IEnumerable<SimRow> Visible(SimTransaction one) => one.Level switch
    {
        SimLevel.ReadUncommitted => Rows.Concat(Open.SelectMany(other => other.Rows)),
        SimLevel.Snapshot => Rows.Where(row => row.Since <= one.Since).Concat(one.Rows),
        _ => Rows.Concat(one.Rows),
    };
}

/// <summary>The isolation level of a transaction.</summary>
internal enum SimLevel
{
    ReadCommitted,
    ReadUncommitted,
    Snapshot,
}

/// <summary>An event.</summary>
internal sealed record SimRow(long Number, int Stream, int Version, int Id, long Since);

/// <summary>A transaction.</summary>
internal sealed class SimTransaction(SimLevel level)
{
    public SimLevel Level { get; } = level;

    public List<SimRow> Rows { get; } = [];

    public long? Since { get; set; }

    public long? Drawn { get; set; }

    public (int Rows, long? Drawn) Saved { get; set; }

    /// <summary>Gets or sets whether the server has rolled it back, or it has ended.</summary>
    public bool IsGone { get; set; }
}

/// <summary>The command of an append.</summary>
internal sealed class SimCommand(SqlServerAppendBatch batch, int id, int stream, int? expected)
{
    public SqlServerAppendBatch Batch { get; } = batch;

    public int Id { get; } = id;

    public int Stream { get; } = stream;

    public int? Expected { get; } = expected;

    public int At { get; private set; }

    public long? Number { get; set; }

    public int Version { get; set; }

    public bool IsRefused { get; set; }

    public bool HasFailed { get; private set; }

    public bool HasEnded => At == Batch.Steps.Count;

    public bool Next()
    {
        At++;
        return true;
    }

    public bool Fail()
    {
        HasFailed = true;
        At = Batch.EndsWithAnError ? Batch.Steps.Count : At + 1;
        return true;
    }
}
