using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Consuming;

/// <summary>What a rewind means for a handler: what it declares; else it refuses if it publishes, and runs if it does not.</summary>
internal static class HandlerReplay
{
    private static readonly Type[] Publishing = [typeof(IEventPublisher), typeof(IRecordProducer), typeof(IRecordTransactions), typeof(IOutbox)];

    public static ReplayPolicy Of([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type handler) =>
        handler.GetCustomAttribute<OnReplayAttribute>()?.Policy ?? (Publishes(handler) ? ReplayPolicy.Refuse : ReplayPolicy.Run);

    private static bool Publishes([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type handler) =>
        handler.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => Array.Exists(Publishing, type => type.IsAssignableFrom(parameter.ParameterType))));
}
