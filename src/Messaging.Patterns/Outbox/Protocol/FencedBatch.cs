namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>Rows of a bucket that go in one transaction.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Session">Under which opening of the bucket.</param>
/// <param name="Rows">The rows, those of a key in their order.</param>
/// <param name="Note">What is stored with them: every row of the bucket that is in Kafka with this transaction and may still be in the table.</param>
internal sealed record FencedBatch(int Bucket, int Session, IReadOnlyList<RelayRow> Rows, ReadOnlyMemory<byte> Note);
