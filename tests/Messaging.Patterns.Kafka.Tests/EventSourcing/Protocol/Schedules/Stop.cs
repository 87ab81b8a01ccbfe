namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Schedules;

/// <summary>How a process stops between two steps, and what it does afterwards.</summary>
public enum Stop
{
    /// <summary>It is suspended and goes on.</summary>
    Pause,

    /// <summary>It is suspended, others append to its stream meanwhile, and it goes on.</summary>
    PauseWhileOthersAppend,

    /// <summary>It crashes; what it had handed over lands late; another process starts from nothing.</summary>
    Crash,

    /// <summary>It crashes, others append, and another process starts from the last checkpoint; what was handed over lands late.</summary>
    CrashAndRestore,
}
