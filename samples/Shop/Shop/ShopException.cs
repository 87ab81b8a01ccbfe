namespace Shop;

/// <summary>The shop says no, and nothing was written.</summary>
/// <param name="error">What kind of no.</param>
/// <param name="message">The reason, for the caller to read.</param>
public sealed class ShopException(ShopError error, string message) : Exception(message)
{
    /// <summary>Gets what kind of no it is.</summary>
    public ShopError Error { get; } = error;
}
