namespace Shop.Http;

/// <summary>What the endpoints of all services share: OpenAPI, validation, errors as problem details, health.</summary>
internal static class ShopHttp
{
    /// <summary>Adds the services.</summary>
    public static void AddShopHttp(this IServiceCollection services, ShopOptions shop)
    {
        services.AddOpenApi();
        services.AddValidation();
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);

        if (shop.PageAddress.Length > 0)
        {
            services.AddCors(cors => cors.AddDefaultPolicy(page => page.WithOrigins(shop.PageAddress).AllowAnyHeader().AllowAnyMethod()));
        }
    }

    /// <summary>Adds them to the pipeline.</summary>
    public static void UseShopHttp(this WebApplication app, ShopOptions shop)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();

        if (shop.PageAddress.Length > 0)
        {
            app.UseCors();
        }

        app.MapOpenApi();
        app.MapHealthChecks("/health");
    }
}
