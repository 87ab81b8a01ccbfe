using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

/// <summary>What the world of one history is like: drawn from the seed. Chances are percentages.</summary>
internal sealed record DispatchProfile
{
    public const int LargestRecord = 9;

    public required DispatchSettings Settings { get; init; }

    public required int Partitions { get; init; }

    public required int Records { get; init; }

    public required int Keys { get; init; }

    public required int Steps { get; init; }

    /// <summary>Gets the chance of offsets that are missing between two records.</summary>
    public required int Hole { get; init; }

    /// <summary>Gets the chance that a record holds nothing to handle.</summary>
    public required int Empty { get; init; }

    /// <summary>Gets whether records are judged before they are handled.</summary>
    public required bool IsJudged { get; init; }

    /// <summary>Gets the chance of a failing handler.</summary>
    public required int Failure { get; init; }

    /// <summary>Gets the chance that a record fails whenever it is handled, until the world is calm.</summary>
    public required int Poison { get; init; }

    /// <summary>Gets the weight of what divides partitions anew, and of crashes.</summary>
    public required int Trouble { get; init; }

    public static DispatchProfile Draw(SimRandom random)
    {
        var isBatched = random.Chance(40);
        return new DispatchProfile
        {
            Settings = new DispatchSettings
            {
                Ordering = random.Pick([ProcessingOrder.PerKey, ProcessingOrder.PerKey, ProcessingOrder.PerPartition, ProcessingOrder.Unordered]),
                MaxConcurrency = random.Between(1, 5),
                BatchSize = isBatched ? random.Between(2, 5) : 1,
                BatchTimeout = isBatched ? random.Pick([0, 3, 10]) : 0,
                MaxRecords = random.Pick([1, 3, 8, 30, 1_000]),
                MaxBytes = random.Pick([1, 20, 80, 100_000]),
                MaxUncommitted = random.Pick([1, 4, 70, 1_000]),
                Parking = new ParkingSettings
                {
                    Retries = random.Pick<int?>([null, null, 0, 1, 3]),
                    Delay = random.Pick([1, 10]),
                    MaxDelay = random.Pick([10, 50]),
                    MaxTime = random.Pick([20, 200, 1_000]),
                    MaxRecords = random.Pick([1, 5, 1_000]),
                    MaxBytes = random.Pick([20, 100_000]),
                    SetsAside = random.Chance(60),
                },
            },
            Partitions = random.Between(1, 3),
            Records = random.Pick([5, 20, 80]),
            Keys = random.Pick([1, 3, 40]),
            Steps = random.Pick([50, 200, 600]),
            Hole = random.Pick([0, 10, 60]),
            Empty = random.Pick([0, 20]),
            IsJudged = random.Chance(40),
            Failure = random.Pick([0, 0, 3, 15]),
            Poison = random.Pick([0, 0, 5, 30]),
            Trouble = random.Pick([0, 1, 4]),
        };
    }
}
