using System.Data;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>An application with an event store on SQL Server, whose server is played by the test.</summary>
internal sealed class SqlServerApp : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public SqlServerApp(Func<RecordedCommand, DataTable?> answer, Action<EventStoreOptions>? configure = null, Action<IMessagingPatternsBuilder>? extend = null)
    {
        Connection = new RecordingConnection(answer);
        var services = new ServiceCollection();
        services.AddLogging();
        var messaging = services.AddMessagingPatterns().AddContractEvents().AddSqlServerEventStore<EventsContext>(configure);
        extend?.Invoke(messaging);
        services.AddDbContext<EventsContext>(options => options.UseSqlServer(Connection));
        _services = services.BuildServiceProvider(validateScopes: true);
    }

    public RecordingConnection Connection { get; }

    public IServiceProvider Services => _services;

    public IEventStore Store => _services.GetRequiredService<IEventStore>();

    public IEventFeed Feed => _services.GetRequiredService<IEventFeed>();

    /// <summary>Returns one row.</summary>
    public static DataTable Row(params object[] values)
    {
        var table = new DataTable();

        foreach (var value in values)
        {
            table.Columns.Add().DataType = value.GetType();
        }

        table.Rows.Add(values);
        return table;
    }

    public async Task InScopeAsync(Func<EventsContext, Task> action)
    {
        await using var scope = _services.CreateAsyncScope();
        await action(scope.ServiceProvider.GetRequiredService<EventsContext>());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
