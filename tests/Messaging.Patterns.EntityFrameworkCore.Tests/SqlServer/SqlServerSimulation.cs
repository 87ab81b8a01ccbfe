using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>How a history departs from what the library does.</summary>
[Flags]
internal enum Broken
{
    Nothing = 0,

    /// <summary>The feed reads what is not committed.</summary>
    DirtyFeed = 1,

    /// <summary>A caller goes on after an append that failed, which had no savepoint.</summary>
    NoSavepoint = 2,
}

/// <summary>One seeded history: clients with the command that is shipped, at all isolation levels, which fail, go on, roll back and lose their transactions; a feed that follows, and one that ends.</summary>
internal sealed class SqlServerSimulation
{
    private const int Streams = 3;
    private const int Steps = 250;

    private readonly SimRandom _random;
    private readonly SimSqlServer _server;
    private readonly SqlServerAppendBatch _batch;
    private readonly Broken _broken;
    private readonly List<Client> _clients = [];
    private readonly List<int> _accepted = [];
    private readonly List<int> _failed = [];
    private int _ids;

    private SqlServerSimulation(SqlServerAppendBatch batch, Broken broken, long seed)
    {
        (_batch, _broken, _random) = (batch, broken, new SimRandom(seed));
        _server = new(_random);
    }

    /// <summary>Plays histories and returns the first invariant that one violates, or an empty text.</summary>
    public static string FindViolation(string append, int seeds, Broken broken = Broken.Nothing)
    {
        var batch = SqlServerAppendBatch.Of(append);
        return Enumerable.Range(0, seeds).Select(seed => new SqlServerSimulation(batch, broken, seed).Play() is { } found ? $"{found}: seed {seed}." : "").FirstOrDefault(found => found.Length > 0) ?? "";
    }

    private string? Play()
    {
        var readers = new List<Reader> { new(this, isFollowing: true) };

        for (var step = 0; step < Steps || _clients.Count > 0 || readers.Exists(reader => !reader.IsDone); step++)
        {
            if (step > 100 * Steps)
            {
                return "Progress";
            }

            if (step < Steps && _random.Chance(15))
            {
                _clients.Add(new Client(_server.Begin(_random.Chance(70) ? SimLevel.ReadCommitted : _random.Pick([SimLevel.ReadUncommitted, SimLevel.Snapshot])), _random.Below(4)));
            }

            if (_clients.Count > 0)
            {
                Step(_random.Pick(_clients));
            }

            if (step == Steps / 2)
            {
                readers.Add(new(this, isFollowing: false));
            }

            _random.Pick<Reader>(readers).Step();
        }

        return Check() ?? readers.Select(reader => reader.Check()).FirstOrDefault(found => found is not null);
    }

    private string? Check()
    {
        var ids = _server.Rows.Select(row => row.Id).ToHashSet();
        return _server.Rows.GroupBy(row => row.Stream).Any(stream => !stream.OrderBy(row => row.Version).Select(row => row.Version).SequenceEqual(Enumerable.Range(1, stream.Count()))) ? "Versions"
            : _server.Rows.OrderBy(row => row.Since).Select(row => row.Number).Distinct().SequenceEqual(_server.Rows.Select(row => row.Number).Order()) is false ? "Numbers"
            : _accepted.Exists(id => !ids.Contains(id)) ? "Lost"
            : _failed.Exists(ids.Contains) ? "Told that nothing was written"
            : null;
    }

    private void Step(Client client)
    {
        var transaction = client.Transaction;

        if (client.Command is { HasEnded: false } running)
        {
            // A command that runs into its time limit ends behind any of its statements, and the transaction goes on.
            if (_server.TryStep(transaction, running) && _random.Chance(3))
            {
                End(client, running, hasFailed: true);
            }
        }
        else if (client.Command is { } ended)
        {
            End(client, ended, ended.HasFailed);
        }
        else if (client.Left > 0)
        {
            var stream = _random.Below(Streams);
            client.Left--;
            client.Command = new(_batch, ++_ids, stream, _random.Chance(40) ? null : _server.Rows.Concat(transaction.Rows).Count(row => row.Stream == stream));
            _server.Save(transaction);
        }
        else if (_random.Chance(50))
        {
            Finish(client);
        }
    }

    private void End(Client client, SimCommand command, bool hasFailed)
    {
        client.Command = null;

        if (!hasFailed && !command.IsRefused)
        {
            client.Written.Add(command.Id);
            return;
        }

        if (hasFailed)
        {
            _failed.Add(command.Id);

            if (!_broken.HasFlag(Broken.NoSavepoint) && !client.Transaction.IsGone)
            {
                _server.RollBackToSavepoint(client.Transaction);
            }
        }

        // Most callers give up; some go on, in whatever is left of the transaction.
        if (hasFailed && _random.Chance(60))
        {
            _server.RollBack(client.Transaction);
            _clients.Remove(client);
        }
    }

    private void Finish(Client client)
    {
        var hasTransaction = !client.Transaction.IsGone;
        _clients.Remove(client);

        if (hasTransaction && _random.Chance(75))
        {
            _server.Commit(client.Transaction);
            _accepted.AddRange(client.Written);
        }
        else
        {
            _server.RollBack(client.Transaction);
        }
    }

    private sealed class Client(SimTransaction transaction, int appends)
    {
        public SimTransaction Transaction { get; } = transaction;

        public int Left { get; set; } = appends;

        public List<int> Written { get; } = [];

        public SimCommand? Command { get; set; }
    }

    private sealed class Reader(SqlServerSimulation simulation, bool isFollowing)
    {
        private readonly FeedCursor _cursor = new(1, isFollowing);
        private readonly List<SimRow> _read = [];
        private List<SimRow>? _atBegin;

        public bool IsDone => isFollowing ? _read.Count >= simulation._server.Rows.Count : _cursor.IsAtEnd;

        // A look at the highest number, and a page, are statements of their own.
        public void Step()
        {
            if (simulation._random.Chance(50))
            {
                _atBegin ??= [.. simulation._server.Rows];
                _cursor.Observe(new(0, 0, Visible().Select(row => row.Number).DefaultIfEmpty().Max()));
                return;
            }

            _read.AddRange(Visible().Where(row => row.Number >= _cursor.Next && row.Number <= _cursor.Last).OrderBy(row => row.Number));
            _cursor.Read();
        }

        public string? Check() =>
            _read.Select(row => row.Number).Distinct().Count() != _read.Count ? "Once"
            : _read.GroupBy(row => row.Stream).Any(stream => !stream.Select(row => row.Version).SequenceEqual(Enumerable.Range(1, stream.Count()))) ? "Order"
            : isFollowing && !simulation._server.Rows.Select(row => row.Id).Order().SequenceEqual(_read.Select(row => row.Id).Order()) ? "Complete"
            : _atBegin!.Select(row => row.Id).Except(_read.Select(row => row.Id)).Any() ? "Begin"
            : null;

        private IEnumerable<SimRow> Visible() => simulation._broken.HasFlag(Broken.DirtyFeed)
            ? simulation._server.Rows.Concat(simulation._server.Open.SelectMany(one => one.Rows))
            : simulation._server.Rows;
    }
}
