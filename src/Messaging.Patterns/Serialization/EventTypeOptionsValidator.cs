using System.Reflection;
using System.Text;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Serialization;

internal sealed class EventTypeOptionsValidator : IValidateOptions<EventTypeOptions>
{
    private const int MaxNameLength = 200;

    public ValidateOptionsResult Validate(string? name, EventTypeOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckTypes(options, result);
        CheckUpcasters(options, result);
        CheckConversions(options, result);
        return result.Build();
    }

    /// <summary>Returns the declared name of an event type, or <see langword="null"/>.</summary>
    public static string? NameOf(Type type) => type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.Name;

    private static void CheckTypes(EventTypeOptions options, ValidateOptionsResultBuilder result)
    {
        foreach (var type in options.Types.Where(type => NameOf(type) is null))
        {
            result.AddError($"'{type}' has no event type name. Declare one: [EventType(\"...\")].");
        }

        foreach (var type in options.Types.Where(type => NameOf(type) is { } name && !IsValid(name)))
        {
            result.AddError($"'{type}' has the event type name '{NameOf(type)}', expected 1 to {MaxNameLength} printable characters without white space.");
        }

        foreach (var group in options.Types.GroupBy(NameOf).Where(group => group.Key is not null && group.Count() > 1))
        {
            result.AddError($"The event type name '{group.Key}' is declared by {string.Join(" and ", group.Select(type => $"'{type}'").Order(StringComparer.Ordinal))}. Give each its own.");
        }
    }

    private static void CheckUpcasters(EventTypeOptions options, ValidateOptionsResultBuilder result)
    {
        var names = options.Types.Select(NameOf).ToHashSet();
        var next = new Dictionary<string, string>(StringComparer.Ordinal);

        foreach (var upcaster in options.Upcasters)
        {
            if (string.IsNullOrEmpty(upcaster.FromType) || string.IsNullOrEmpty(upcaster.ToType))
            {
                result.AddError($"The upcaster '{upcaster.GetType()}' does not say which event types it reads and makes.");
            }
            else if (!next.TryAdd(upcaster.FromType, upcaster.ToType))
            {
                result.AddError($"More than one upcaster reads event type '{upcaster.FromType}'. Keep one.");
            }
        }

        foreach (var (from, to) in next)
        {
            if (!names.Contains(to) && !next.ContainsKey(to))
            {
                result.AddError($"The upcaster of event type '{from}' leads to '{to}', which is neither a registered event type nor read by another upcaster.");
            }

            if (IsCircular(from, next))
            {
                result.AddError($"The upcaster of event type '{from}' leads back to itself.");
            }
        }
    }

    private static void CheckConversions(EventTypeOptions options, ValidateOptionsResultBuilder result)
    {
        foreach (var (from, conversion) in options.Conversions)
        {
            var seen = new HashSet<Type> { from };

            for (var to = conversion.To; options.Conversions.TryGetValue(to, out var further); to = further.To)
            {
                if (!seen.Add(to))
                {
                    result.AddError($"The conversion of '{from}' leads in a circle.");
                    break;
                }
            }
        }
    }

    private static bool IsCircular(string from, Dictionary<string, string> next)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);

        for (var at = from; next.TryGetValue(at, out var to) && seen.Add(at); at = to)
        {
            if (to == from)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxNameLength && !name.EnumerateRunes().Any(rune => Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || rune == Rune.ReplacementChar);
}
