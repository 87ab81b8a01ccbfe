using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Mutants;

/// <summary>
/// The proof that the invariants are worth something: for each, the library is broken on purpose, in one place, and the same histories and checks that pass
/// with the original notice it.
/// </summary>
public sealed class MutantTests
{
    private const int Seeds = 50_000;

    [Theory]
    [InlineData("any frame at the version is taken for one's own", "StreamQueues.cs", "if (current.Id == frame.AppendId)", "if (current.Count > 0)")]
    [InlineData("an acknowledgement further ahead is folded at once", "PartitionWriter.cs", "if (offset > Position)", "if (offset > Position && (offset = Position) < 0)")]
    [InlineData("a rejected frame of one's own is taken for success", "PartitionWriter.cs", "if (verdict == Verdict.Accepted)\n", "if (verdict <= Verdict.Rejected)\n")]
    public void Invariant_1_a_success_that_is_none(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.SuccessAcceptedOnce, what, file, original, broken);

    [Theory]
    [InlineData("a conflict is told while a copy is out", "AppendAnswers.cs", "append.MayBeWritten ? Unknown(append)", "append.MayBeWritten ? AppendDecision.Conflict(append.FirstVersion)")]
    public void Invariant_2_a_conflict_that_is_accepted_later(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.ConflictNeverAccepted, what, file, original, broken);

    [Theory]
    [InlineData("a time-out leaves no doubt", "StreamQueues.cs", "attempt.Append.MayBeWrittenAt = Math.Max(attempt.Append.MayBeWrittenAt, attempt.FirstVersion);", "")]
    [InlineData("a later copy's \"not persisted\" is believed", "StreamQueues.cs", "append.LastError = error;", "append.LastError = error; append.MayBeWrittenAt = 0;")]
    [InlineData("an heir forgets the doubt about its predecessor", "AppendAnswers.cs", "heir.MayBeWrittenAt = Math.Max(heir.MayBeWrittenAt, doubt);", "")]
    public void Invariant_2_a_failure_that_is_accepted_later(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.FailureNeverWritten, what, file, original, broken);

    [Theory]
    [InlineData("whose frame has the version is not looked up where the window does not reach", "AppendAnswers.cs", "append.IsResolution && append.Base < fold.Window.CoveredFrom", "append.Base < 0")]
    [InlineData("what is not in the log yet is rejected", "AppendAnswers.cs", ": append.IsResolution ? Unknown(append)", ": append.IsResolution ? AppendDecision.Conflict(append.FirstVersion)")]
    [InlineData("any frame of the stream settles a pending append", "PendingRule.cs", "|| frame.FirstVersion != firstVersion", "")]
    [InlineData("the window says that it reaches further back than it does", "AppendWindow.cs", "CoveredFrom = oldest.Offset + 1;", "")]
    public void Invariant_3_an_unknown_outcome_that_resolves_wrongly(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.UnknownResolvesToOne, what, file, original, broken);

    [Theory]
    [InlineData("a version is chosen beyond the next", "StreamQueues.cs", "append.FirstVersion = version + 1;", "append.FirstVersion = version + append.Count;")]
    public void Invariant_4_a_gap(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.NoGapsNoRepeats, what, file, original, broken);

    [Theory]
    [InlineData("the window is not consulted", "AppendAnswers.cs", "if (fold.Window.TryGet(append.Stream, append.Id, out var accepted))", "if (fold.Window.TryGet(append.Stream, append.Id, out var accepted) && version < 0)")]
    [InlineData("the window is consulted once, not at every choice of a version", "AppendAnswers.cs", "if (fold.Window.TryGet(append.Stream, append.Id, out var accepted))", "if (fold.Window.TryGet(append.Stream, append.Id, out var accepted) && append.State == AppendState.New)")]
    public void Invariant_4_an_append_that_is_accepted_twice(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.IdAcceptedOnce, what, file, original, broken);

    [Theory]
    [InlineData("the fold counts appends instead of events", "VersionTable.cs", "known = version + frame.Count;", "known = version + 1;")]
    [InlineData("a checkpoint's place is ahead of its data", "PartitionCheckpoint.cs", "fold.Restore(Next, Last);", "fold.Restore(Next + 1, Last);")]
    [InlineData("a checkpoint's data is ahead of its place", "PartitionCheckpoint.cs", "fold.Restore(Next, Last);", "fold.Restore(Math.Max(0, Next - 1), Last);")]
    [InlineData("a checkpoint's window is not restored", "PartitionCheckpoint.cs", "fold.Window.Add(append);", "")]
    [InlineData("a control record takes a frame with it", "PartitionFold.cs", "Position = Math.Max(Position, next);", "Position = Math.Max(Position, next + 1);")]
    public void Invariant_5_readers_that_disagree(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.ReadersAgree, what, file, original, broken);

    [Theory]
    [InlineData("nobody looks back before what the filter remembers", "LoserFilter.cs", "if (frame.Base < CoveredFrom)", "if (frame.Base < 0)")]
    [InlineData("the filter says that it remembers more than it does", "LoserFilter.cs", "CoveredFrom = oldest.Offset + 1;", "")]
    [InlineData("a frame's base is further than its writer had folded", "StreamQueues.cs", "append.Base = _fold.Position;", "append.Base = Math.Max(append.Base, _fold.Position + 1);")]
    public void Invariant_5_a_reader_that_starts_anywhere_and_disagrees(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.FilterEqualsRule, what, file, original, broken);

    [Theory]
    [InlineData("reads do not wait", "SimReads.cs", "if (_waiting[i].From <= instance.Writer.Position)", "if (_waiting[i].From >= 0)")]
    [InlineData("a linearizable read asks for the end instead of writing a barrier", "SimReads.cs", "case SimReadKind.Strong:", "case SimReadKind.Strong or SimReadKind.Linearizable:")]
    [InlineData("a linearizable read joins a barrier that was sent before it began", "SimReads.cs", "_forNextBarrier.Add(read);", "(_barrier is null ? _forNextBarrier : _forBarrier).Add(read);")]
    public void Invariant_6_a_read_that_misses_what_it_must_see(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.ReadsInOrder, what, file, original, broken);

    [Theory]
    [InlineData("an expectation ahead of the fold is a conflict at once", "StreamQueues.cs", "_effects.QueryEnd(append);", "EndKnown(append, 0);")]
    [InlineData("an expectation that holds is a conflict", "AppendAnswers.cs", "append.Expected.Exact is { } exact && exact < version", "append.Expected.Exact is { } exact && exact <= version")]
    public void Invariant_7_an_order_that_no_time_explains(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.Linearizable, what, file, original, broken);

    [Theory]
    [InlineData("who expects any version gives up after a lost race", "StreamQueues.cs", "_slots.QueueFirst(slot, current);", "_answers.Complete(current, AppendDecision.Conflict(frame.LastVersion));")]
    public void Invariant_8_a_writer_that_loses_for_good(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.Linearizable, what, file, original, broken);

    [Theory]
    [InlineData("nobody is let go first", "Rivals.cs", "rival.Losses >= FreeLosses)", "false)")]
    [InlineData("the pause does not grow", "Rivals.cs", "TimeSpan.FromMilliseconds(1 << losses)", "TimeSpan.FromMilliseconds(1)")]
    public void Invariant_8_a_far_writer_that_starves(string what, string file, string original, string broken)
    {
        var far = (int)Mutant.Compile(file, original, broken).GetMethod(nameof(MutantEntry.CountFarAppends))!.Invoke(null, null)!;

        Assert.True(far == 0, $"The mutant in which {what} lets the far writer append {far} times.");
    }

    [Theory]
    [InlineData("what was folded from an acknowledgement is not compared", "OffsetClaims.cs", "return folded.Header == found ? null : ProtocolFault.Replaced(offset, folded.Header, found);", "return null;")]
    [InlineData("the last frame of a checkpoint is not compared", "OffsetClaims.cs", "return anchor.Header == found ? null : ProtocolFault.Replaced(offset, anchor.Header, found);", "return null;")]
    [InlineData("a process that is restored compares nothing", "OffsetClaims.cs", "_anchor = last;", "_anchor = null;")]
    [InlineData("a rest ends at the last frame", "OffsetClaims.cs", "_isResting && _folded.Count > kept", "_isResting && _folded.Count > 1")]
    [InlineData("a tail does not ask the next leader where the records of the last one end", "SimTail.cs", "_epoch != NoEpoch && _next > _log.EndOf(_epoch)", "_epoch < NoEpoch")]
    public void Invariant_9_a_loss_that_is_folded_silently(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.LossNoticed, what, file, original, broken);

    [Theory]
    [InlineData("a tail that repeats what was compared stops", "OffsetClaims.cs", "if (offset < _next)", "if (offset < 0)")]
    [InlineData("what a rest did not keep stops", "OffsetClaims.cs", "return offset < _keptFrom ? null : ProtocolFault", "return ProtocolFault")]
    [InlineData("a frame that the tail brought before its acknowledgement is forgotten", "StreamSlot.cs", "attempt.SeenAt(offset);", "")]
    public void Invariant_9_a_stop_without_a_loss(string what, string file, string original, string broken) =>
        AssertCaught(Invariant.NoSpuriousStop, what, file, original, broken);

    [Theory]
    [InlineData("a frame that is late is accepted", "VersionTable.cs", "if (frame.FirstVersion != version + 1)", "if (frame.FirstVersion > version + 1)")]
    [InlineData("appends are counted instead of events", "VersionTable.cs", "known = version + frame.Count;", "known = version + 1;")]
    public void Invariant_10_a_version_that_folds_a_recorded_log_otherwise(string what, string file, string original, string broken)
    {
        var entry = Mutant.Compile(file, original, broken);

        Assert.True(GoldenLog.Names.Any(name => !Expected(name).SequenceEqual(Fold(entry, name))), $"The recorded logs do not tell the mutant in which {what}.");
    }

    /// <summary>So that nothing is caught because of how mutants are compiled and run.</summary>
    [Fact]
    public void The_original_compiled_in_the_same_way_is_not_caught()
    {
        var original = Mutant.CompileOriginal();

        Assert.All(Enum.GetNames<Invariant>(), invariant => Assert.Null(Find(original, invariant, seeds: 1_000)));
        Assert.InRange((int)original.GetMethod(nameof(MutantEntry.CountFarAppends))!.Invoke(null, null)!, 30, int.MaxValue);
        Assert.All(GoldenLog.Names, name => Assert.Equal(Expected(name), Fold(original, name)));
    }

    private static void AssertCaught(Invariant invariant, string what, string file, string original, string broken)
    {
        var found = Find(Mutant.Compile(file, original, broken), invariant.ToString(), Seeds);

        Assert.True(found is not null, $"{Seeds} histories of the mutant in which {what} show no violation of {invariant}.");
    }

    private static string? Find(Type entry, string invariant, long seeds) => (string?)entry.GetMethod(nameof(MutantEntry.FindViolation))!.Invoke(null, [invariant, seeds]);

    private static long[] Fold(Type entry, string name) => (long[])entry.GetMethod(nameof(MutantEntry.Fold))!.Invoke(null, [Frames(name)])!;

    private static string[] Frames(string name) => [.. GoldenLog.Records(name).Select(record =>
        FrameReader.Read(record.Key, record.Value, out var header) is { } fault ? throw new InvalidOperationException(fault.Reason) : MutantEntry.Describe(header))];

    private static long[] Expected(string name) =>
        [.. GoldenLog.Folded(name).Select(line => long.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).Distinct()];
}
