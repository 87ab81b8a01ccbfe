using Messaging.Patterns.TestServers;

[assembly: HangGuard]

[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]
