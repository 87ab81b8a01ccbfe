namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>Judges a history whose log has lost records: whoever had folded one of them must have stopped.</summary>
/// <remarks>
/// One case is excepted, and only this one (ADR 15): the tail began anew after the loss, at the end of a rest or when a process was restored; the log holds
/// exactly what was folded at every offset from the one on at which it had to begin; and the difference lies before.
/// </remarks>
internal static class LossChecker
{
    public static void Check(PartitionSimulation history)
    {
        foreach (var instance in history.Instances)
        {
            var differences = SimInstance.DifferencesTo(instance.Folded, instance.Fold.Position, history.Log).ToList();

            if (differences.Count == 0)
            {
                history.Count(instance.Writer.Fault is null ? Happening.LossUnseenGoesOn : Happening.LossOfUnfoldedNoticed);
            }
            else if (instance.Writer.Fault is not null)
            {
                history.Count(Happening.LossOfFoldedNoticed);
            }
            else
            {
                history.Count(Happening.LossOfFoldedOverlooked);

                if (differences[^1] >= instance.Follower.ComparedFrom)
                {
                    history.Violate(
                        Invariant.LossNoticed,
                        FormattableString.Invariant(
                            $"instance {instance.Number} goes on, though it has folded at offset {differences[^1]} what the log has lost, and compares from {instance.Follower.ComparedFrom} on"));
                }
            }
        }
    }
}
