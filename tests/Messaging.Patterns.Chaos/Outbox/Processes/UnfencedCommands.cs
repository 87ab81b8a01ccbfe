using System.Data.Common;
using Messaging.Patterns.Chaos.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Patterns.Chaos.Outbox.Processes;

/// <summary>Lets an inbox find no epoch, and any epoch the right one, in a process that is to be found out: then whoever was paused across a rewind commits all the same.</summary>
internal sealed class UnfencedCommands : DbCommandInterceptor
{
    /// <summary>A group whose inbox does not notice rewinds.</summary>
    public const string WithoutFence = "without-fence";

    private const string KeepEpoch = "FOR KEY SHARE";

    public static void Break(DbContextOptionsBuilder options, ChildSettings settings)
    {
        if (settings.Mutant == WithoutFence)
        {
            options.AddInterceptors(new UnfencedCommands());
        }
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        command.CommandText = command.CommandText.Contains(KeepEpoch, StringComparison.Ordinal) ? command.CommandText.Replace(KeepEpoch, "AND false", StringComparison.Ordinal) : command.CommandText;
        return ValueTask.FromResult(result);
    }
}
