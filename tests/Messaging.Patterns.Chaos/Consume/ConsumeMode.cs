using Messaging.Patterns.Chaos.Consume.Processes;

namespace Messaging.Patterns.Chaos.Consume;

/// <summary>What differs from run to run: three bits of the seed.</summary>
/// <param name="IsDividedByBrokers">Whether the listeners have the brokers' protocol (KIP-848) and the projection the classic one, or the other way round.</param>
/// <param name="IsRedirecting">Whether the listeners redirect keys that fail for long, or set them aside at once.</param>
/// <param name="IsStatic">Whether members keep their place in the groups over a restart.</param>
internal sealed record ConsumeMode(bool IsDividedByBrokers, bool IsRedirecting, bool IsStatic)
{
    private const string ByBrokers = "by-brokers";
    private const string Redirecting = "redirecting";
    private const string Static = "static";

    /// <summary>Gets the role of a member, which tells it the mode.</summary>
    public string Role => string.Join(
        ' ', new[] { MemberProcess.Role, IsDividedByBrokers ? ByBrokers : null, IsRedirecting ? Redirecting : null, IsStatic ? Static : null }.OfType<string>());

    public static ConsumeMode Of(int seed) => new(seed % 2 == 0, seed / 2 % 2 != 0, seed / 4 % 2 != 0);

    /// <summary>Reads the role of a member; <see langword="null"/> for another role.</summary>
    public static ConsumeMode? Parse(string role) =>
        role.Split(' ') is [MemberProcess.Role, .. var said] ? new(said.Contains(ByBrokers), said.Contains(Redirecting), said.Contains(Static)) : null;

    public override string ToString() => string.Join(
        ", ",
        $"{ConsumeScenario.Listeners} is divided by {(IsDividedByBrokers ? "the brokers (KIP-848), the projection by its members" : "its members, the projection by the brokers (KIP-848)")}",
        IsRedirecting ? "failing keys are redirected" : "failing keys are parked",
        IsStatic ? "members are static" : "members are dynamic");
}
