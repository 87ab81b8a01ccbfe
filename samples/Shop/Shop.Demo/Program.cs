using Confluent.Kafka;
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

    return arguments.IsCheck
        ? await CheckScenario.RunAsync(broker, Console.Out, stopping.Token)
        : await TourScenario.RunAsync(broker, arguments.Port, Console.Out, stopping.Token);
}
catch (KafkaException exception)
{
    Console.Error.WriteLine($"No Kafka answers at {arguments.Kafka}: {exception.Message}");
    return 1;
}
