using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

/// <summary>Invariant 8: all who append to a stream get on, whatever their distance from the broker. Distances are microseconds one way.</summary>
public sealed class HotStreamTests
{
    private const long Near = 100;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(1, 1, 2_000, 500)]
    [InlineData(1, 1, 10_000, 2_000)]
    [InlineData(1, 16, 10_000, 2_000)]
    [InlineData(4, 4, 10_000, 5_000)]
    [InlineData(1, 1, 50_000, 5_000)]
    public void A_far_writer_never_waits_for_more_than_a_bounded_number_of_frames_of_near_ones(int nearWriters, int callers, long distance, int bound)
    {
        var (_, far) = Run(nearWriters, callers, distance, isYielding: true);

        Assert.True(far.Accepted >= Time.TotalMicroseconds / (12 * distance), $"{far.Accepted} appends of the far writer were accepted.");
        Assert.True(far.LongestGap < bound, $"The far writer waited for {far.LongestGap} frames.");
    }

    [Fact]
    public void Near_writers_keep_half_of_their_rate_beside_a_far_one()
    {
        var (besides, _) = Run(nearWriters: 1, callers: 1, distance: 10_000, isYielding: true);
        var (alone, _) = Run(nearWriters: 1, callers: 1, distance: 10_000, isYielding: false);

        Assert.True(2 * besides > alone, $"{besides} of {alone} appends");
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(8, 8)]
    public void Writers_at_the_same_distance_share_evenly_and_lose_no_rate_by_yielding(int writers, int callers)
    {
        var yielding = RunNear(writers, callers, isYielding: true);
        var stubborn = RunNear(writers, callers, isYielding: false);

        Assert.InRange(yielding.Sum(writer => writer.Accepted), 0.97 * stubborn.Sum(writer => writer.Accepted), double.MaxValue);
        Assert.All(yielding, writer => Assert.InRange(writer.Accepted, 0.9 * yielding.Average(other => other.Accepted), 1.1 * yielding.Average(other => other.Accepted)));
        Assert.True(yielding.Max(writer => writer.LongestGap) < stubborn.Max(writer => writer.LongestGap), "Yielding does not even out how long writers wait.");
    }

    [Fact]
    public void A_writer_alone_never_yields() => Assert.Equal(0, RunNear(writers: 1, callers: 16, isYielding: true)[0].Yields);

    /// <summary>The broken variant of invariant 8: whoever is asked to let others go first goes on.</summary>
    [Fact]
    public void Invariant_8_without_the_pause_a_far_writer_starves()
    {
        var (_, far) = Run(nearWriters: 1, callers: 1, distance: 10_000, isYielding: false);

        Assert.Equal(0, far.Accepted);
    }

    private static (int Near, HotWriter Far) Run(int nearWriters, int callers, long distance, bool isYielding)
    {
        var hot = new HotStream(seed: 1, isYielding);
        var near = Enumerable.Range(0, nearWriters).Select(_ => hot.Add(Near, callers)).ToList();
        var far = hot.Add(distance);
        hot.Run(Time);
        return (near.Sum(writer => writer.Accepted), far);
    }

    private static List<HotWriter> RunNear(int writers, int callers, bool isYielding)
    {
        var hot = new HotStream(seed: 1, isYielding);
        var near = Enumerable.Range(0, writers).Select(_ => hot.Add(Near, callers)).ToList();
        hot.Run(Time);
        return near;
    }
}
