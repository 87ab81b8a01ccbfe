using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>How SQL Server is recognised, its provider unreferenced.</summary>
internal static class SqlServerProvider
{
    /// <summary>What its provider calls itself.</summary>
    public const string Name = "Microsoft.EntityFrameworkCore.SqlServer";

    /// <summary>What the compiler asks of those who use what was never run against a server.</summary>
    public const string Diagnostic = "MPSQL001";

    /// <summary>Compares texts by their code units. The collation of a database mostly takes <c>a</c> and <c>A</c> for the same.</summary>
    public const string Ordinal = "Latin1_General_100_BIN2";

    /// <summary>The annotation that says whether rows lie in the order of a key or an index.</summary>
    public const string Clustered = "SqlServer:Clustered";

    // Errors after which the same may succeed: time limit, deadlock, lock time-out, locks and memory exhausted, version store, conflict under SNAPSHOT, connections, failover.
    private static readonly HashSet<int> Transient =
    [
        -2, 20, 64, 121, 233, 258, 601, 617, 669, 701, 802, 844, 845, 847, 921, 922, 923, 924, 926, 952, 976, 978, 979, 982, 983, 997, 1203, 1204, 1205, 1221, 1222, 1807,
        3935, 3947, 3948, 3950, 3957, 3958, 3959, 3960, 3966, 4060, 4221, 8628, 8645, 8651, 9515, 10053, 10054, 10060, 10922, 10928, 10929, 10936, 11001,
        17197, 18401, 20041, 40143, 40197, 40501, 40540, 40613, 40642, 40648, 41301, 41302, 41305, 41325, 41839, 42108, 42109, 49802, 49918, 49919, 49920,
    ];

    /// <summary>Returns whether a model is made with the provider, which says of every model how values are generated.</summary>
    public static bool IsProviderOf(IReadOnlyModel model) => model.FindAnnotation("SqlServer:ValueGenerationStrategy") is not null;

    /// <summary>Returns the number of the error that an exception has for its cause; <see langword="null"/> if that is none of the server's. The common base class does not know it.</summary>
    public static int? NumberOf(Exception exception)
    {
        Exception? one = exception;

        // Behind what an execution strategy has put around it, and before the error of the operating system that it may have itself.
        while (one is not (null or DbException))
        {
            one = one.InnerException;
        }

        return one?.GetType().GetProperty("Number")?.GetValue(one) as int?;
    }

    /// <summary>Returns whether trying again may succeed.</summary>
    public static bool IsTransient(Exception exception) => NumberOf(exception) is { } number && Transient.Contains(number);

    /// <summary>Returns whether a lock was waited for in vain: up to the time limit of the command, or of the session.</summary>
    public static bool IsWaitOver(Exception exception) => NumberOf(exception) is -2 or 1222;

    /// <summary>Returns whether an error says that a table or column is not there (207, 208), or may not be used (229, 230).</summary>
    public static bool IsOfTheTable(Exception exception) => NumberOf(exception) is 207 or 208 or 229 or 230;
}
