using Messaging.Patterns.TestServers;

[assembly: AssemblyFixture(typeof(OneNodeKafka))]
[assembly: AssemblyFixture(typeof(ThreeNodeKafka))]
