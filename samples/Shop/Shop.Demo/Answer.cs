using System.Net;

namespace Shop.Demo;

/// <summary>An answer of the shop.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Location">The Location header.</param>
/// <param name="Value">The body.</param>
internal sealed record Answer<T>(HttpStatusCode Status, string? Location, T Value);
