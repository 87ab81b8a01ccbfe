using Messaging.Patterns.TestServers;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(OneNodeKafka))]
[assembly: AssemblyFixture(typeof(ThreeNodeKafka))]
[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]

// Many of these tests wait for servers that start, die and come back more than they compute.
[assembly: Parallelization(MaxThreads = 4)]
