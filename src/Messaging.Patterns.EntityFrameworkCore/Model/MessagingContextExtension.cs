using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>What the library tells a context by its options. All contexts with the same kinds of extensions share their services, whatever the extensions hold.</summary>
internal abstract class MessagingContextExtension : IDbContextOptionsExtension
{
    /// <param name="key">What the extension is called where options are shown.</param>
    /// <param name="description">The same in words, for the log.</param>
    protected MessagingContextExtension(string key, string description) => Info = new ExtensionInfo(this, key, description);

    public DbContextOptionsExtensionInfo Info { get; }

    public virtual void ApplyServices(IServiceCollection services)
    {
    }

    public void Validate(IDbContextOptions options)
    {
    }

    private sealed class ExtensionInfo(MessagingContextExtension extension, string key, string description) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => $"using Messaging.Patterns {description} ";

        public override int GetServiceProviderHashCode() => 0;

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo && other.Extension.GetType() == Extension.GetType();

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo[$"MessagingPatterns:{key}"] = "1";
    }
}
