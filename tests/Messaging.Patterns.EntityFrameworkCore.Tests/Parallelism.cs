using Messaging.Patterns.EntityFrameworkCore.Tests;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;
using Messaging.Patterns.TestServers;
using Xunit.v3;

// Many tests wait for the database or for time to pass, so there may be more of them than processors.
[assembly: TestCollectionOrderer(typeof(Parallelism))]
[assembly: Parallelization(MaxThreads = 4)]

namespace Messaging.Patterns.EntityFrameworkCore.Tests;

/// <summary>The order of this suite.</summary>
public sealed class Parallelism() : LongestFirst(nameof(PostgreSqlRelayTests), nameof(SqliteRelayTests), nameof(PostgreSqlOutboxWritingTests));
