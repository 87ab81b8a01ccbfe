using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>What an instance logged.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<Entry> _entries = new();

    public IEnumerable<Entry> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => new Logger(_entries);

    public void Dispose()
    {
        // Holds nothing.
    }

    internal sealed record Entry(LogLevel Level, int Id, string Text, Exception? Exception);

    private sealed class Logger(ConcurrentQueue<Entry> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            entries.Enqueue(new(logLevel, eventId.Id, formatter(state, exception), exception));
    }
}
