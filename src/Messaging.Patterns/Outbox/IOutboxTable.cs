using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Outbox;

/// <summary>The outbox as the relay works on it: what a database must be able to do. One call at a time for leases, reading and parking; deleting runs beside.</summary>
internal interface IOutboxTable
{
    /// <summary>Gets how many buckets of keys there are leases for.</summary>
    int Buckets { get; }

    /// <summary>Finds out whether the tables are as the relay needs them, before anything else is asked of them. May be called again, also beside itself.</summary>
    /// <exception cref="MessagingException">They are not; says what to do.</exception>
    Task VerifyAsync(CancellationToken cancellationToken);

    /// <summary>Returns what tells the table from every other, as letters, digits and hyphens; the same from each instance and over restarts.</summary>
    /// <exception cref="MessagingException">Nothing does, in this database.</exception>
    Task<string> GetIdentityAsync(CancellationToken cancellationToken);

    /// <summary>In one transaction: says that the instance lives, prolongs its leases, gives back some, takes free ones up to its share.</summary>
    Task<LeaseAnswer> RenewAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>Gives back all leases of an instance that ends.</summary>
    Task ReleaseAsync(string instance, CancellationToken cancellationToken);

    /// <summary>Reads a page of rows, as of one snapshot.</summary>
    Task<OutboxPage> ReadAsync(PageRequest request, IReadOnlyCollection<int> buckets, int limit, CancellationToken cancellationToken);

    /// <summary>Lets delayed rows whose time has come take their place among those that wait, in one transaction.</summary>
    Task<DueRows> MoveDueAsync(IReadOnlyCollection<int> buckets, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes rows, if the database is still in the run in which they were read: in another, their numbers may be of other rows.</summary>
    /// <returns>Whether it is.</returns>
    Task<bool> DeleteAsync(IReadOnlyList<long> ids, string run, CancellationToken cancellationToken);

    /// <summary>Moves a row to the parked ones in one transaction, if the lease with this token is the bucket's last, and the database still in the run in which the row was read.</summary>
    /// <returns>Whether it is moved, or was gone already; otherwise the lease is another's, or the number may be.</returns>
    Task<bool> ParkAsync(RelayRow row, long token, CancellationToken cancellationToken);

    /// <summary>Measures what waits. No row below <paramref name="from"/> does.</summary>
    Task<OutboxBacklog> MeasureAsync(long from, CancellationToken cancellationToken);

    /// <summary>Returns parked rows, the lowest ids first.</summary>
    Task<IReadOnlyList<ParkedEvent>> GetParkedAsync(int atMost, CancellationToken cancellationToken);

    /// <summary>In one transaction that holds the lock of the key: gives all parked rows of a key and those that wait behind new numbers, in their order. Returns how many.</summary>
    Task<int> ReplayAsync(string key, CancellationToken cancellationToken);

    /// <summary>The same without one parked row, which is deleted. Returns whether it was there.</summary>
    Task<bool> SkipAsync(long id, CancellationToken cancellationToken);
}
