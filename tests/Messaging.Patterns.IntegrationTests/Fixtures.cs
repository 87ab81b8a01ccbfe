using Messaging.Patterns.TestServers;

[assembly: AssemblyFixture(typeof(OneNodeKafka))]
[assembly: AssemblyFixture(typeof(ThreeNodeKafka))]
[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]
