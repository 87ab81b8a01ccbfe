namespace Shop.ReadModels;

/// <summary>What belongs to the tables and does not follow from events.</summary>
public sealed class ReadSetting
{
    /// <summary>The id of the tables.</summary>
    public const string Id = "id";

    /// <summary>There while the handler of balances has its bug: in all processes at once, as if each had been deployed with it.</summary>
    public const string Bug = "bug";

    /// <summary>Gets the name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the value.</summary>
    public string Value { get; init; } = "";
}
