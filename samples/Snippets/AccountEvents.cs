using Messaging.Patterns.Serialization;

namespace Snippets;

[EventType("account-opened")]
public sealed record AccountOpened(string Owner);

[EventType("account-charged")]
public sealed record AccountCharged(decimal Amount);

[EventType("account-debited")]
public sealed record AccountDebited(decimal Amount);

[EventType("letter-ordered")]
public sealed record LetterOrdered(string Text);
