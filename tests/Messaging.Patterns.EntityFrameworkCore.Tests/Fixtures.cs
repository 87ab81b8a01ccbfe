using Messaging.Patterns.TestServers;

[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]
