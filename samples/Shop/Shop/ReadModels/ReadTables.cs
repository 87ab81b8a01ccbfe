using System.Data.Common;
using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;

namespace Shop.ReadModels;

/// <summary>The database of the tables. It may be deleted while no process uses it: it is then built again from the log.</summary>
public sealed class ReadTables
{
    private const int Tries = 20;

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(250);

    private ReadTables(string id) => Id = id;

    /// <summary>Gets the id of the database. The consumer groups that fill it are named after it: a new database has new groups, which begin at the first event.</summary>
    public string Id { get; }

    /// <summary>Adds the tables, and creates them where they are missing. A real service has migrations.</summary>
    public static ReadTables Add(IMessagingPatternsBuilder messaging, ShopOptions shop)
    {
        ArgumentNullException.ThrowIfNull(messaging);
        ArgumentNullException.ThrowIfNull(shop);
        var options = new DbContextOptionsBuilder<ReadContext>();
        Use(options, shop);
        var tables = new ReadTables(CreateAll(options.Options));
        messaging.Services.AddDbContext<ReadContext>(context => Use(context, shop)).AddSingleton(tables);
        return tables;
    }

    /// <summary>Waits until every event up to a position is in the tables, whichever process puts it there.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="topic">The topic that they follow from.</param>
    /// <param name="position">The position, from an append to the topic; <see langword="null"/> for no wait.</param>
    /// <param name="waitAtMost">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task WaitAsync(ReadContext tables, string topic, Position? position, TimeSpan waitAtMost, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tables);

        if (position is null)
        {
            return;
        }

        if (position.Parts.Any(part => !part.StartsWith($"{topic}:", StringComparison.Ordinal)))
        {
            throw new ShopException(ShopError.Invalid, $"'{position}' is not a position of topic '{topic}', which this table follows from.");
        }

        var started = TimeProvider.System.GetTimestamp();

        while (!(await ProgressAsync(tables, cancellationToken)).Covers(position))
        {
            if (TimeProvider.System.GetElapsedTime(started) > waitAtMost)
            {
                throw new ShopException(ShopError.NotYet, $"The table has not reached '{position}' yet. Ask again.");
            }

            await Task.Delay(LookAgainAfter, cancellationToken);
        }
    }

    private static void Use(DbContextOptionsBuilder options, ShopOptions shop)
    {
        if (shop.Database.Length > 0)
        {
            options.UseNpgsql(shop.Database);
            return;
        }

        Directory.CreateDirectory(Path.GetFullPath(shop.Data));
        options.UseSqlite($"Data Source={shop.PathOf("tables.db")}");
    }

    private static string CreateAll(DbContextOptions<ReadContext> options)
    {
        // Of processes that start at once, one creates the tables and their id; the others fail to, and find them.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var tables = new ReadContext(options);
                tables.Database.EnsureCreated();
                return FindOrAddId(tables);
            }
            catch (Exception exception) when (exception is DbException or DbUpdateException && attempt < Tries)
            {
                Thread.Sleep(TryAgainAfter);
            }
        }
    }

    private static string FindOrAddId(ReadContext tables)
    {
        if (tables.Settings.SingleOrDefault(one => one.Name == ReadSetting.Id) is { } found)
        {
            return found.Value;
        }

        var added = tables.Settings.Add(new ReadSetting { Name = ReadSetting.Id, Value = Guid.NewGuid().ToString("N")[..8] }).Entity;
        tables.SaveChanges();
        return added.Value;
    }

    // Every append of the shop is one event; where appends hold several, a record is done only after its last one.
    private static async Task<Position> ProgressAsync(ReadContext tables, CancellationToken cancellationToken) =>
        (await tables.Set<InboxPositionRow>().AsNoTracking().Where(row => row.Next >= 0).ToListAsync(cancellationToken))
            .Aggregate(Position.Start, (all, row) => all.Merge(Position.At($"{row.Topic}:{row.Partition}", row.Next + Math.Min(row.NextIndex, 1))));
}
