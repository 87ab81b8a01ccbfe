using Confluent.Kafka;
using Npgsql;
using Shop.Demo;
using Shop.Demo.Check;
using Shop.Demo.Processes;
using Shop.Demo.Tour;

if (args is [ShopProcess.Verb, .. var forShop])
{
    await ShopHost.RunAsync(forShop);
    return 0;
}

if (DemoArguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine(DemoArguments.Usage);
    return 2;
}

try
{
    using var stopping = new Stopping();
    await using var broker = Broker.Open(arguments.Kafka);
    await using var tables = new TableDatabase(arguments.PostgreSql);
    await tables.CreateAsync();
    var servers = new Servers(broker, tables);

    return arguments.IsCheck
        ? await CheckScenario.RunAsync(servers, Console.Out, stopping.Token)
        : await TourScenario.RunAsync(servers, arguments.Port, Console.Out, stopping.Token);
}
catch (KafkaException exception)
{
    Console.Error.WriteLine($"No Kafka answers at {arguments.Kafka}: {exception.Message}");
    return 1;
}
catch (NpgsqlException exception)
{
    Console.Error.WriteLine($"The PostgreSQL at '{new NpgsqlConnectionStringBuilder(arguments.PostgreSql).Host}' does not answer, or gives no database to the shop: {exception.Message}");
    return 1;
}
