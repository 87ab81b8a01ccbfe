using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>What kind of history a seed plays. Chances are in percent.</summary>
internal sealed record RelayProfile(
    int Relays, int Keys, int Rows, int PageSize, int MaxHeld, int MaxInFlight, bool OthersFollow, int Poison, int SendTrouble, int DatabaseTrouble, int Crash, int Pause, int Together, int Restart)
{
    public const int Buckets = 4;

    /// <summary>Gets whether nothing goes wrong and nobody shares.</summary>
    public bool IsQuiet => Relays == 1 && Poison + SendTrouble + DatabaseTrouble + Crash + Pause + Restart == 0;

    /// <summary>Gets whether rows go in transactions.</summary>
    public bool IsInTransactions => Together > 0;

    public static RelayProfile Draw(SimRandom random)
    {
        var isQuiet = random.Chance(15);
        return new(
            isQuiet ? 1 : random.Between(1, 3), random.Between(1, 6), random.Between(5, 40), random.Between(1, 8), random.Between(1, 12), random.Between(1, 6),
            random.Chance(30), Trouble(5), Trouble(20), Trouble(15), Trouble(1), Trouble(2), random.Chance(50) ? random.Between(1, 6) : 0, Trouble(1));

        int Trouble(int percent) => isQuiet || random.Chance(30) ? 0 : random.Between(1, percent);
    }
}
