using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.ContractTests;

/// <summary>What the suites share: two instances of one implementation, and what is asked of whoever inherits.</summary>
public abstract class Contract(Instances instances) : IAsyncLifetime
{
    private IServiceProvider? _first;
    private IServiceProvider? _second;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Gets the abstractions whose documentation the suite turns into tests.</summary>
    protected abstract IEnumerable<Type> Abstractions { get; }

    [Fact]
    public void The_suite_names_what_it_tests()
    {
        var tested = Abstractions.Select(abstraction => NameOf(First(abstraction).GetType())).Distinct().Order(StringComparer.Ordinal);
        var named = GetType().GetCustomAttribute<ImplementationsAttribute>()?.Names ?? [];

        Assert.Equal(named.Order(StringComparer.Ordinal), tested);
    }

    public virtual async ValueTask InitializeAsync()
    {
        _first = await instances.FirstAsync();
        _second = await instances.SecondAsync();
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected T First<T>()
        where T : notnull => _first!.GetRequiredService<T>();

    protected T Second<T>()
        where T : notnull => _second!.GetRequiredService<T>();

    // As the class is declared, whatever its type arguments.
    private static string NameOf(Type implementation) => (implementation.IsGenericType ? implementation.GetGenericTypeDefinition() : implementation).FullName!;

    private object First(Type abstraction) => _first!.GetRequiredService(abstraction);
}
