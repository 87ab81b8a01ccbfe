namespace Shop;

/// <summary>The ways in which the shop says no.</summary>
public enum ShopError
{
    /// <summary>The request makes no sense.</summary>
    Invalid,

    /// <summary>What the request speaks of does not exist.</summary>
    NotFound,

    /// <summary>The request does not fit the state that there is.</summary>
    Conflict,

    /// <summary>The answer is not known yet; asking again helps.</summary>
    NotYet,
}
