using System.Globalization;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>What a violation is about.</summary>
/// <param name="Group">The group.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The record's offset.</param>
internal readonly record struct Place(string Group, int Partition, long Offset)
{
    public static bool TryParse(string? text, out Place place)
    {
        place = text?.Split(' ') is [var group, var partition, var offset]
            ? new(group, int.Parse(partition, CultureInfo.InvariantCulture), long.Parse(offset, CultureInfo.InvariantCulture))
            : default;
        return text is not null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Group} {Partition} {Offset}");
}
