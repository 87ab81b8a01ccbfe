namespace Messaging.Patterns.IntegrationTests;

/// <summary>Those who start a whole system of processes do it one after another: each of them alone can make a machine busy.</summary>
public static class WholeSystems
{
    public const string Name = "whole systems";
}
