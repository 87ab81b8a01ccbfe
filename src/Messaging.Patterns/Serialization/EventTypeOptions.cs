using System.Text.Encodings.Web;
using System.Text.Json;

namespace Messaging.Patterns.Serialization;

/// <summary>The event types that a process knows, and how their payloads are written as JSON.</summary>
public sealed class EventTypeOptions
{
    /// <summary>Gets the CLR types of events; each carries an <see cref="EventTypeAttribute"/>.</summary>
    public ICollection<Type> Types { get; } = new HashSet<Type>();

    /// <summary>Gets the upcasters, in any order.</summary>
    public ICollection<IEventUpcaster> Upcasters { get; } = new List<IEventUpcaster>();

    /// <summary>Gets the CLR conversions that follow deserialization, by the older CLR type.</summary>
    public IDictionary<Type, EventConversion> Conversions { get; } = new Dictionary<Type, EventConversion>();

    /// <summary>Gets the options of System.Text.Json; add source-generated contexts to its <see cref="JsonSerializerOptions.TypeInfoResolverChain"/>.</summary>
    /// <value>
    /// The default is <see cref="JsonSerializerDefaults.Web"/> (camelCase names, case-insensitive reading) with letters of all languages left as they are,
    /// so that events can be read on a console. Escape them where they are put into a web page. Events are always written without indentation.
    /// </value>
    public JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
