namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

public sealed class SqlServerAppendTests(SqlServerInstances instances) : SqlServerAppendSuite(instances);

public sealed class SqlServerBadAppendTests(SqlServerInstances instances) : SqlServerBadAppendSuite(instances);

public sealed class SqlServerConcurrentAppendTests(SqlServerInstances instances) : SqlServerConcurrentAppendSuite(instances);

public sealed class SqlServerRepeatedAppendTests(SqlServerInstances instances) : SqlServerRepeatedAppendSuite(instances);

public sealed class SqlServerStreamReadTests(SqlServerInstances instances) : SqlServerStreamReadSuite(instances);

public sealed class SqlServerDecideTests(SqlServerInstances instances) : SqlServerDecideSuite(instances);

public sealed class SqlServerEventFeedTests(SqlServerInstances instances) : SqlServerEventFeedSuite(instances);

public sealed class SqlServerEventStoreTests : SqlServerEventStoreSuite;

public sealed class SqlServerSubscriptionTests : SqlServerSubscriptionSuite;

public sealed class SqlServerSubscriptionBatchTests : SqlServerSubscriptionBatchSuite;

public sealed class SqlServerInlineProjectionTests : SqlServerInlineProjectionSuite;
