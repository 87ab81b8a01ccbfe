namespace Shop.Http;

/// <summary>The page that shows the shop at work.</summary>
internal static class Page
{
    /// <summary>Maps the page, and what it needs to know: where it sends commands.</summary>
    public static void MapPage(this WebApplication app, ShopOptions shop)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.MapGet("/settings", () => new PageSettings(shop.Has(ShopRoles.Write) ? "" : shop.WriteAddress, shop.Has(ShopRoles.Write) || shop.WriteAddress.Length > 0))
            .ExcludeFromDescription();
    }

    private sealed record PageSettings(string WriteAddress, bool CanWrite);
}
