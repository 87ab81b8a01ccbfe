using System.Diagnostics.CodeAnalysis;
using Messaging.Patterns.Kafka.Connection.Clusters;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>Registers options that are bound from a configuration section, where there is one, and validated at the start.</summary>
internal static class BoundOptions
{
    /// <summary>Adds options; code that configures them later goes before what is bound.</summary>
    /// <param name="services">The services; to be called once for options of a name.</param>
    /// <param name="section">The configuration section.</param>
    /// <param name="bind">Binds it; written out where it is called, so that the binding is generated and survives trimming.</param>
    /// <param name="name">The options' name.</param>
    public static void AddBoundOptions<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TValidator>(
        this IServiceCollection services, string section, Action<IConfiguration, TOptions> bind, string? name = null)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptionsWithValidateOnStart<TOptions, TValidator>(name);
        services.AddSingleton<IConfigureOptions<TOptions>>(provider =>
            new BindSection<TOptions>(provider.GetService<IConfiguration>()?.GetSection(provider.GetService<KafkaClusterName>()?.SectionOf(section) ?? section), bind, name ?? Options.DefaultName));
    }

    private sealed class BindSection<TOptions>(IConfiguration? section, Action<IConfiguration, TOptions> bind, string optionsName) : IConfigureNamedOptions<TOptions>
        where TOptions : class
    {
        public void Configure(TOptions options) => Configure(Options.DefaultName, options);

        public void Configure(string? name, TOptions options)
        {
            if (section is null || name != optionsName)
            {
                return;
            }

            try
            {
                bind(section, options);
            }
            catch (InvalidOperationException exception)
            {
                // As a fault of the options it is listed beside all others.
                throw new OptionsValidationException(optionsName, typeof(TOptions), [$"{exception.Message} {exception.InnerException?.Message}".Trim()]);
            }
        }
    }
}
