using Messaging.Patterns.Kafka.Consuming;

namespace Messaging.Patterns.Kafka.Tests.Consuming;

public sealed class PartitionOffsetsTests
{
    [Theory]
    [InlineData(709L, 709L, 709L, null)]
    [InlineData(709L, 709L, 710L, 710L)]
    [InlineData(null, null, 1L, 1L)]
    public void What_is_handled_beyond_the_commit_is_to_be_committed(long? position, long? commit, long? handled, long? due) =>
        Assert.Equal(due, new PartitionOffsets(position, commit).Due(handled));

    [Theory]
    [InlineData(709L)]
    [InlineData(null)]
    public void A_position_that_is_ahead_of_the_commit_is_to_be_committed_once_the_log_is_read_from_there(long? commit)
    {
        var offsets = PartitionOffsets.At(commit) with { Position = 710 };

        Assert.Null(offsets.Due(handled: null));
        Assert.Equal(710, offsets.Due(handled: 710));
        Assert.Null(PartitionOffsets.At(710).Due(handled: 710));
    }

    [Theory]
    [InlineData(700L)]
    [InlineData(null)]
    public void A_commit_goes_back_behind_a_position_that_is_before_it_by_what_is_handled_next(long? position)
    {
        var offsets = PartitionOffsets.At(710) with { Position = position };

        Assert.Null(offsets.Due(handled: null));
        Assert.Equal(701, offsets.Due(handled: 701));
        Assert.Equal(710, offsets.Due(handled: 710));
    }
}
