using Messaging.Patterns.IntegrationTests;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.TestServers;
using Xunit.v3;

// Most tests wait for servers, so there may be more of them than processors.
[assembly: TestCollectionOrderer(typeof(Parallelism))]
[assembly: Parallelization(MaxThreads = 3)]

namespace Messaging.Patterns.IntegrationTests;

/// <summary>The order of this suite.</summary>
public sealed class Parallelism() : LongestFirst(WholeSystems.Name, KillsNodes.Name);
