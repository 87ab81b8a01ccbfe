namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>A row of the simulated table.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Transaction">Who wrote it.</param>
/// <param name="Key">Its key.</param>
/// <param name="Content">What it says: the number that it had at first.</param>
internal sealed record SimRow(long Id, ulong Transaction, string Key, long Content)
{
    public int Bucket => Key[0] % RelayProfile.Buckets;
}
