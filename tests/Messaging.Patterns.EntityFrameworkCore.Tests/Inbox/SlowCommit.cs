using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Inbox;

/// <summary>Stands still before the first commit after it was armed.</summary>
internal sealed class SlowCommit : DbTransactionInterceptor
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsArmed { get; set; }

    public Task HasBegunAsync() => _begun.Task;

    public void Release() => _released.SetResult();

    public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (IsArmed && _begun.TrySetResult())
        {
            await _released.Task;
        }

        return result;
    }
}
