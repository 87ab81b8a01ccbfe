using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Data.SqlClient;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>A connection that writes down what it is asked, and answers by a script. Its commands have the parameters of SqlClient.</summary>
/// <param name="answer">Returns what a command answers, <see langword="null"/> for nothing; or throws.</param>
internal sealed class RecordingConnection(Func<RecordedCommand, DataTable?> answer) : DbConnection
{
    private ConnectionState _state;

    /// <summary>Gets what was asked, transactions included.</summary>
    public List<RecordedCommand> Commands { get; } = [];

    [AllowNull]
    public override string ConnectionString { get; set; } = "Server=recorded;Database=bank";

    public override string Database => "bank";

    public override string DataSource => "recorded";

    public override string ServerVersion => "16.00.0000";

    public override ConnectionState State => _state;

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    public override void Open() => _state = ConnectionState.Open;

    public override void Close() => _state = ConnectionState.Closed;

    public DataTable Ask(string text, DbParameterCollection? parameters)
    {
        var command = new RecordedCommand(text, parameters is null ? [] : [.. parameters.Cast<SqlParameter>()]);
        Commands.Add(command);
        return answer(command) ?? new DataTable();
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel)
    {
        Ask($"BEGIN TRANSACTION -- {isolationLevel}", null);
        return new Transaction(this, isolationLevel);
    }

    protected override DbCommand CreateDbCommand() => new Command(this);

    private sealed class Transaction(RecordingConnection connection, IsolationLevel level) : DbTransaction
    {
        private bool _hasEnded;

        public override IsolationLevel IsolationLevel => level;

        public override bool SupportsSavepoints => true;

        protected override DbConnection? DbConnection => _hasEnded ? null : connection;

        public override void Commit() => End("COMMIT TRANSACTION");

        public override void Rollback() => End("ROLLBACK TRANSACTION");

        public override void Save(string savepointName) => connection.Ask($"SAVE TRANSACTION {savepointName}", null);

        public override void Rollback(string savepointName) => connection.Ask($"ROLLBACK TRANSACTION {savepointName}", null);

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_hasEnded)
            {
                Rollback();
            }

            base.Dispose(disposing);
        }

        private void End(string text)
        {
            connection.Ask(text, null);
            _hasEnded = true;
        }
    }

    private sealed class Command(RecordingConnection connection) : DbCommand
    {
        private readonly SqlCommand _real = new();

        [AllowNull]
        public override string CommandText { get; set; } = "";

        public override int CommandTimeout { get; set; } = 30;

        public override CommandType CommandType { get; set; } = CommandType.Text;

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get; set; } = connection;

        protected override DbParameterCollection DbParameterCollection => _real.Parameters;

        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel()
        {
        }

        public override int ExecuteNonQuery() => Ask() is { Columns.Count: 1 } answer ? Convert.ToInt32(answer.Rows[0][0], CultureInfo.InvariantCulture) : -1;

        public override object? ExecuteScalar() => Ask() is { Rows.Count: > 0 } answer ? answer.Rows[0][0] : null;

        public override void Prepare()
        {
        }

        protected override DbParameter CreateDbParameter() => new SqlParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Ask().CreateDataReader();

        protected override void Dispose(bool disposing)
        {
            _real.Dispose();
            base.Dispose(disposing);
        }

        private DataTable Ask() => connection.Ask(CommandText, _real.Parameters);
    }
}

/// <summary>A command that was sent.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record RecordedCommand(string Text, IReadOnlyList<SqlParameter> Parameters)
{
    /// <summary>Returns the type of a parameter as T-SQL declares it.</summary>
    public static string TypeOf(SqlParameter parameter)
    {
        var name = parameter.SqlDbType.ToString().ToLowerInvariant();
        return parameter.SqlDbType is SqlDbType.NVarChar or SqlDbType.VarBinary or SqlDbType.Char or SqlDbType.VarChar or SqlDbType.NChar
            ? $"{name}({(parameter.Size is -1 ? "max" : parameter.Size.ToString(CultureInfo.InvariantCulture))})"
            : name;
    }
}
