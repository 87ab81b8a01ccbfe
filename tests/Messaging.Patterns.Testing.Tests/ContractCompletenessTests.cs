using System.Reflection;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Testing.Tests;

public sealed class ContractCompletenessTests
{
    [Fact]
    public void Every_implementation_of_every_package_inherits_every_suite_of_its_abstractions()
    {
        Assert.Empty(ContractCompleteness.FindGaps(Packages(), typeof(ContractCompletenessTests).Assembly));
    }

    [Fact]
    public void Every_abstraction_of_stores_publishers_and_outboxes_has_a_suite()
    {
        Type[] abstractions = [typeof(IEventStore), typeof(IEventReader), typeof(IEventWriter), typeof(IEventFeed), typeof(IEventPublisher), typeof(IOutbox)];

        Assert.Equal(abstractions.ToHashSet(), ContractCompleteness.Abstractions.ToHashSet());
    }

    [Fact]
    public void An_implementation_without_suite_is_found()
    {
        var gaps = ContractCompleteness.FindGaps([typeof(Untested).Assembly], typeof(ContractCompletenessTests).Assembly);

        Assert.Contains($"{typeof(Untested).FullName}: no EventPublisherContract names it", gaps);
    }

    // By their folders, so that a package nobody thought of here is noticed: reference it in this project.
    private static IEnumerable<Assembly> Packages()
    {
        var packages = new DirectoryInfo(Path.Combine(RepositoryFolder.Root, "src")).GetDirectories().Where(package => File.Exists(Path.Combine(package.FullName, $"{package.Name}.csproj"))).ToList();
        Assert.NotEmpty(packages);
        return packages.Select(package => Assembly.Load(package.Name));
    }

    private sealed class Untested : IEventPublisher
    {
        public ValueTask<Position> PublishAsync(EventData @event, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<Position> PublishTombstoneAsync<TEvent>(string key, CancellationToken cancellationToken = default)
            where TEvent : class => throw new NotSupportedException();
    }
}
