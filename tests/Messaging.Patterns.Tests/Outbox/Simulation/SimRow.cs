namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>A row of the simulated table.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Transaction">Who wrote it.</param>
/// <param name="Key">Its key.</param>
/// <param name="Content">What it says, which no other row says; ascending as the numbers that rows have at first are drawn.</param>
internal sealed record SimRow(long Id, ulong Transaction, string Key, long Content)
{
    public int Bucket => Key[0] % RelayProfile.Buckets;
}
