using Microsoft.Extensions.Configuration;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>A configuration of one setting, which changes while a host runs.</summary>
internal sealed class ChangingSetting : ConfigurationProvider, IConfigurationSource
{
    private readonly string _name;

    public ChangingSetting(string name, string value)
    {
        _name = name;
        Data[name] = value;
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public void Change(string value)
    {
        Data[_name] = value;
        OnReload();
    }
}
