namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Schedules;

/// <summary>
/// A stop and a resume between any two steps of the protocol, by name: the process is paused there, with and without appends of others meanwhile, or it
/// crashes and another one starts from nothing or from the last checkpoint. Afterwards the invariants hold, also when every copy lands once more.
/// </summary>
public sealed class StopBetweenStepsTests
{
    private static readonly (string Name, Action<StoppedProcess> Do)[] Append =
    [
        ("version chosen", process => process.Submit()),
        ("handed to the producer", process => process.HandOver()),
        ("written in the log", process => process.Write()),
        ("acknowledged, folded and answered", process => process.Acknowledge()),
        ("seen by the tail", process => process.Follow()),
    ];

    private static readonly (string Name, Action<StoppedProcess> Do)[] AppendBehindOthers =
    [
        ("version chosen", process => process.Submit()),
        ("handed to the producer", process => process.HandOver()),
        ("others write first, elsewhere", process => process.OthersAppendElsewhere()),
        ("written in the log", process => process.Write()),
        ("acknowledged and parked", process => process.Acknowledge()),
        ("folded and answered", process => process.Follow()),
    ];

    private static readonly (string Name, Action<StoppedProcess> Do)[] LostRace =
    [
        ("version chosen", process => process.Submit()),
        ("handed to the producer", process => process.HandOver()),
        ("others take the version", process => process.OthersAppend()),
        ("written in the log", process => process.Write()),
        ("acknowledged and parked", process => process.Acknowledge()),
        ("rejected, next version chosen", process => process.Follow()),
        ("second copy handed to the producer", process => process.HandOver()),
        ("second copy written in the log", process => process.Write()),
        ("second copy acknowledged, folded and answered", process => process.Acknowledge()),
    ];

    private static readonly (string Name, Action<StoppedProcess> Do)[] UnknownOutcome =
    [
        ("version chosen", process => process.Submit()),
        ("handed to the producer", process => process.HandOver()),
        ("written in the log", process => process.Write()),
        ("reported as uncertain", process => process.ReportUncertain()),
        ("sent again", process => process.Resend()),
        ("second copy handed to the producer", process => process.HandOver()),
        ("time is up, answered as unknown", process => process.TimeIsUp()),
        ("resolution asked for", process => process.Resolve()),
        ("third copy handed to the producer", process => process.HandOver()),
        ("third copy written in the log", process => process.Write()),
        ("resolved from the fold", process => process.Follow()),
    ];

    private static readonly (string Name, Action<StoppedProcess> Do)[] ProducerReplacement =
    [
        ("version chosen", process => process.Submit()),
        ("handed to the old producer", process => process.HandOver()),
        ("producer replaced", process => process.ReplaceProducer()),
        ("late copy of the old producer written", process => process.Write()),
        ("sent again", process => process.Resend()),
        ("handed to the new producer", process => process.HandOver()),
        ("written in the log a second time", process => process.Write()),
        ("acknowledged and parked", process => process.Acknowledge()),
        ("folded and answered", process => process.Follow()),
    ];

    private static readonly (string Name, Action<StoppedProcess> Do)[] Checkpoint =
    [
        ("others append", process => process.OthersAppend()),
        ("folded", process => process.Follow()),
        ("store committed", process => process.Save()),
        ("version chosen", process => process.Submit()),
        ("handed to the producer", process => process.HandOver()),
        ("written in the log", process => process.Write()),
        ("folded ahead of the store's commit, and answered", process => process.Acknowledge()),
        ("store committed ahead of the tail", process => process.Save()),
        ("seen by the tail", process => process.Follow()),
    ];

    private static readonly (string Name, Action<StoppedProcess> Do)[] RestOfTheTail =
    [
        ("others append", process => process.OthersAppend()),
        ("folded", process => process.Follow()),
        ("tail rests", process => process.Rest()),
        ("store committed during the rest", process => process.Save()),
        ("version chosen", process => process.Submit()),
        ("handed to the producer", process => process.HandOver()),
        ("written in the log", process => process.Write()),
        ("folded from the acknowledgement, and answered", process => process.Acknowledge()),
        ("others write", process => process.OthersAppendElsewhere()),
        ("tail woken", process => process.Wake()),
        ("compared and followed on", process => process.Follow()),
    ];

    private static readonly (string Name, Action<StoppedProcess> Do)[] LinearizableRead =
    [
        ("others append", process => process.OthersAppend()),
        ("barrier begun", process => process.BeginBarrier()),
        ("others append before it", process => process.OthersAppend()),
        ("barrier written in the log", process => process.WriteBarrier()),
        ("barrier acknowledged and parked", process => process.AcknowledgeBarrier()),
        ("folded, and the read answered", process => process.Follow()),
    ];

    private static readonly (string Name, Action<StoppedProcess> Do)[] Yield =
    [
        ("others lose once", process => Lose(process)),
        ("others lose twice", process => Lose(process)),
        ("others lose a third time", process => Lose(process)),
        ("append waits for them", process => process.Submit()),
        ("pause over, version chosen", process => process.PauseOver()),
        ("handed to the producer", process => process.HandOver()),
        ("written in the log", process => process.Write()),
        ("acknowledged, folded and answered", process => process.Acknowledge()),
    ];

    public static TheoryData<string, Stop> OfAppend => Boundaries(Append);

    public static TheoryData<string, Stop> OfAppendBehindOthers => Boundaries(AppendBehindOthers);

    public static TheoryData<string, Stop> OfLostRace => Boundaries(LostRace);

    public static TheoryData<string, Stop> OfUnknownOutcome => Boundaries(UnknownOutcome);

    public static TheoryData<string, Stop> OfProducerReplacement => Boundaries(ProducerReplacement);

    public static TheoryData<string, Stop> OfCheckpoint => Boundaries(Checkpoint);

    public static TheoryData<string, Stop> OfRestOfTheTail => Boundaries(RestOfTheTail);

    public static TheoryData<string, Stop> OfLinearizableRead => Boundaries(LinearizableRead);

    public static TheoryData<string, Stop> OfYield => Boundaries(Yield);

    [Theory]
    [MemberData(nameof(OfAppend))]
    public void An_append(string stopAfter, Stop how) => Play(Append, stopAfter, how);

    [Theory]
    [MemberData(nameof(OfAppendBehindOthers))]
    public void An_append_behind_those_of_others(string stopAfter, Stop how) => Play(AppendBehindOthers, stopAfter, how);

    [Theory]
    [MemberData(nameof(OfLostRace))]
    public void A_lost_race_and_the_next_try(string stopAfter, Stop how) => Play(LostRace, stopAfter, how);

    [Theory]
    [MemberData(nameof(OfUnknownOutcome))]
    public void An_unknown_outcome_and_its_resolution(string stopAfter, Stop how) => Play(UnknownOutcome, stopAfter, how);

    [Theory]
    [MemberData(nameof(OfProducerReplacement))]
    public void A_replacement_of_the_producer(string stopAfter, Stop how) => Play(ProducerReplacement, stopAfter, how);

    [Theory]
    [MemberData(nameof(OfCheckpoint))]
    public void A_checkpoint(string stopAfter, Stop how) => Play(Checkpoint, stopAfter, how);

    [Theory]
    [MemberData(nameof(OfRestOfTheTail))]
    public void A_rest_of_the_tail(string stopAfter, Stop how) => Play(RestOfTheTail, stopAfter, how);

    [Theory]
    [MemberData(nameof(OfLinearizableRead))]
    public void A_linearizable_read(string stopAfter, Stop how) => Play(LinearizableRead, stopAfter, how);

    [Theory]
    [MemberData(nameof(OfYield))]
    public void A_pause_in_which_others_go_first(string stopAfter, Stop how) => Play(Yield, stopAfter, how);

    private static TheoryData<string, Stop> Boundaries((string Name, Action<StoppedProcess> Do)[] steps)
    {
        var all = new TheoryData<string, Stop>();

        foreach (var (name, _) in steps)
        {
            foreach (var how in Enum.GetValues<Stop>())
            {
                all.Add(name, how);
            }
        }

        return all;
    }

    private static void Play((string Name, Action<StoppedProcess> Do)[] steps, string stopAfter, Stop how)
    {
        var process = new StoppedProcess();
        var isGone = false;

        foreach (var (name, step) in steps)
        {
            // What the crashed process would have done next nobody does; the one in its place has taken over.
            if (!isGone)
            {
                step(process);
            }

            if (name == stopAfter)
            {
                process.Stop(how);
                isGone = how is Stop.Crash or Stop.CrashAndRestore;
            }
        }

        process.Finish();
        process.Check();
    }

    /// <summary>The process follows an append of others and a frame that came too late for the same version.</summary>
    private static void Lose(StoppedProcess process)
    {
        process.OthersAppend();
        process.OthersLose();
        process.Follow();
    }
}
