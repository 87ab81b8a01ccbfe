using OutboxToKafka;
using OutboxToKafka.Ordering;
using OutboxToKafka.Shipping;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// The address of Kafka comes from the configuration section Messaging:Kafka.
builder.Services.AddKafka()
    .AddEventTypes<OrderPlaced>()
    .AddOrdering(builder.Configuration)
    .AddShipping(builder.Configuration);

var app = builder.Build();
app.MapOrdering();
app.MapShipping();

// For the demonstration; a real service has migrations.
await app.Services.CreateTablesAsync<OrderingContext>();
await app.Services.CreateTablesAsync<ShippingContext>();
await app.RunAsync();
