using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>Registers options that each context has of its own.</summary>
internal static class ContextOptions
{
    /// <summary>Adds options that are bound from a configuration section, where there is one, and validated at the start.</summary>
    public static void AddContextOptions<TOptions, TValidator>(this IServiceCollection services, string name, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptionsWithValidateOnStart<TOptions, TValidator>(name);
        services.AddSingleton<IConfigureOptions<TOptions>>(provider =>
            new ConfigureNamedOptions<TOptions>(name, options => provider.GetService<IConfiguration>()?.GetSection(section).Bind(options)));
    }
}
