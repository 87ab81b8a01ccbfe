using System.Runtime.InteropServices;
using Messaging.Patterns.Chaos;
using Messaging.Patterns.Chaos.Append;
using Messaging.Patterns.Chaos.Consume;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox;

IScenario[] all = [new AppendScenario(), new ConsumeScenario(), new OutboxScenario(), new OutageScenario(), new InboxScenario()];

if (args is [ChildProcess.Verb, var settings])
{
    return await ChildProgram.RunAsync(all, ChildSettings.Parse(settings));
}

if (args is ["--list"])
{
    foreach (var one in all)
    {
        Console.WriteLine($"{one.Name,-12} {one.Summary}");
    }

    return 0;
}

if (ChaosArguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine(ChaosArguments.Usage);
    return 2;
}

if (all.FirstOrDefault(one => one.Name == arguments.Name) is not { } scenario)
{
    Console.Error.WriteLine($"There is no scenario {arguments.Name}; --list shows them.");
    return 2;
}

if (Environment.GetEnvironmentVariable("KAFKA_HOME") is not { Length: > 0 })
{
    Console.Error.WriteLine("There is no Kafka to break: set KAFKA_HOME to a Kafka 4.x download.");
    return 2;
}

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

try
{
    return await ChaosProgram.RunAsync(scenario, arguments, stopping.Token);
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    Console.Error.WriteLine("Interrupted; nothing was judged.");
    return 130;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
