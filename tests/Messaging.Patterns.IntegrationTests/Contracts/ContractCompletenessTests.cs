using Messaging.Patterns.ContractTests;
using Messaging.Patterns.Kafka;

namespace Messaging.Patterns.IntegrationTests.Contracts;

public sealed class ContractCompletenessTests
{
    [Fact]
    public void Every_implementation_on_Kafka_inherits_every_suite_on_a_real_one()
    {
        Assert.Empty(ContractCompleteness.FindGaps([typeof(KafkaOptions).Assembly], typeof(ContractCompletenessTests).Assembly));
    }
}
