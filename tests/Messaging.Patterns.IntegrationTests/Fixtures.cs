using Messaging.Patterns.TestServers;

[assembly: HangGuard]

[assembly: AssemblyFixture(typeof(OneNodeKafka))]
[assembly: AssemblyFixture(typeof(ThreeNodeKafka))]
[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]
