namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>Those who kill or pause nodes of the shared cluster do it one after another.</summary>
public static class KillsNodes
{
    public const string Name = "kills nodes";
}
