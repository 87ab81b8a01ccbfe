using System.Text.Json.Serialization;
using Messaging.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AccountOpened))]
[JsonSerializable(typeof(AccountCharged))]
public sealed partial class AccountJson : JsonSerializerContext;

public static class Serialization
{
    public static void AddGeneratedJson(IMessagingPatternsBuilder builder)
    {
        builder.AddEventType<AccountOpened>()
            .AddEventType<AccountCharged>()
            .ConfigureEventJson(json => json.TypeInfoResolverChain.Insert(0, AccountJson.Default));
    }
}
