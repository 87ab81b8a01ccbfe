using System.ComponentModel.DataAnnotations;

namespace Shop.Operations;

/// <summary>Gives the handler of balances its bug, or corrects it.</summary>
/// <param name="HasBug">Whether it has the bug from now on.</param>
public sealed record HandlerState(bool HasBug);

/// <summary>Rewinds the table of balances.</summary>
/// <param name="Hours">How many hours back.</param>
public sealed record RewindBalances([property: Range(0.001, 100_000)] double Hours);
