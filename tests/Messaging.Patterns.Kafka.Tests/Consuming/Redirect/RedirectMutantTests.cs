using Messaging.Patterns.Kafka.Consuming.Redirect;
using Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect;

/// <summary>The proof that the simulation of redirecting is worth something: each rule, broken in the code itself, is noticed.</summary>
public sealed class RedirectMutantTests
{
    private const int Seeds = 30_000;

    private static readonly string[] Core = ["KeyRetries", "KeyRetry", "RedirectedKeys", "RetryEntry", "RetryLogFold", "RetryStep"];
    private static readonly string Entry = typeof(RedirectMutantEntry).FullName!;
    private static readonly MutantCompiler Compiler = new(FindSources(), [typeof(RedirectMutantEntry).Assembly.Location, typeof(RedirectedKeys).Assembly.Location]);

    [Theory]
    [InlineData("what former owners left is forgotten", "RetryLogFold.cs", "keys.Add(redirected.Key, offset, redirected.Source);", "")]
    [InlineData("what is superseded is kept", "RetryLogFold.cs", "keys.Begin(began.From);", "")]
    [InlineData("what a former owner redirects late counts", "RetryLogFold.cs", "redirected.Owner == owner", "redirected.Owner <= owner")]
    [InlineData("what a former owner releases late counts", "RetryLogFold.cs", "released.Owner == owner", "released.Owner <= owner")]
    [InlineData("claims count that never were in force", "RetryLogFold.cs", "RetryEntry.Claim began && inForce.Contains(offset)", "RetryEntry.Claim began")]
    [InlineData("what is stored twice is handled twice", "RetryLogFold.cs", "redirected.Source > last.GetValueOrDefault(redirected.Key, -1)", "redirected.Source >= 0")]
    [InlineData("too little is read", "RetryLogFold.cs", "Where(one => one <= first).Max()", "Max()")]
    [InlineData("releases are not folded", "RetryLogFold.cs", "keys.Release(released.Key, released.UpTo);", "")]
    [InlineData("a key goes on before all of it is handled", "RedirectedKeys.cs", "waiting.Peek().Offset <= upTo", "waiting.Count > 0")]
    [InlineData("too much is superseded", "RedirectedKeys.cs", "one.Source < from", "one.Source < from - 2")]
    public void A_broken_rule_of_the_log_is_caught(string what, string file, string original, string broken) => AssertCaught(what, file, original, broken);

    [Theory]
    [InlineData("a key goes on before its release is stored", "KeyRetry.cs", "Begin(RetryStep.Release);", "Begin(RetryStep.Handle);")]
    [InlineData("later events of a redirected key are handled at once", "KeyRetries.cs", "public bool IsRedirected(RecordKey key) => _keys.Contains(key);", "public bool IsRedirected(RecordKey key) => false;")]
    [InlineData("a key that failed is not tried again", "KeyRetries.cs", "return !isOver && Wait(retry, now);", "return !isOver;")]
    [InlineData("the next event of a key is not tried", "KeyRetries.cs", "            WaitForNext(retry, now);\n        }\n        else", "        }\n        else")]
    [InlineData("a key that is redirected anew is not tried", "KeyRetries.cs", "            _retries.Remove(retry.Key);", "")]
    [InlineData("later events of a redirected key are given out together with others", "PartitionDispatch.cs", "if (isRedirected && chains > 0)", "if (isRedirected && chains > 99)")]
    [InlineData("what could not be redirected is handled instead", "PartitionParking.cs", "Enter(chain, outcome == WorkOutcome.FailedAgain ? purpose : WorkPurpose.Handle, now);", "Enter(chain, WorkPurpose.Handle, now);")]
    public void A_broken_rule_of_the_owner_is_caught(string what, string file, string original, string broken) => AssertCaught(what, file, original, broken);

    [Theory]
    [InlineData("the claim is not committed", "SimOwner.cs", "if (!_world.TryCommit(this, source: null, claim))", "if (_now < 0)")]
    [InlineData("an event is done before it is stored", "SimOwner.cs", "        Send(\n            new RetryEntry.Redirected(Claim!.Value, key, source),\n            offset =>\n            {\n                _keys!.Redirected(key, offset, source, _now);\n                Return(batch);\n            },\n            () =>\n            {\n                batch.SetNotDone(0, WorkOutcome.FailedAgain, batch[0].Record);\n                Return(batch);\n            });", "        Send(new RetryEntry.Redirected(Claim!.Value, key, source), offset => _keys!.Redirected(key, offset, source, _now), () => { });\n        Return(batch);")]
    [InlineData("a key goes on before its release is stored", "SimOwner.cs", "            retry.Handled();\n        }\n", "            retry.Handled();\n            _keys!.Released(retry, _now);\n            Return(batch);\n            return;\n        }\n")]
    public void A_broken_rule_around_it_is_caught(string what, string file, string original, string broken) => AssertCaught(what, file, original, broken);

    /// <summary>So that nothing is caught because of how mutants are compiled and run.</summary>
    [Fact]
    public void The_original_compiled_in_the_same_way_is_not_caught() => Assert.Null(Find(Compiler.CompileOriginal(Entry), seeds: 300));

    private static void AssertCaught(string what, string file, string original, string broken) =>
        Assert.True(Find(Compiler.Compile(Entry, file, original, broken), Seeds) is not null, $"{Seeds} histories of the mutant in which {what} show nothing wrong.");

    // What throws is noticed too.
    private static string? Find(Type entry, long seeds)
    {
        try
        {
            return (string?)entry.GetMethod(nameof(RedirectMutantEntry.FindViolation))!.Invoke(null, [seeds]);
        }
        catch (System.Reflection.TargetInvocationException exception)
        {
            return exception.InnerException!.Message;
        }
    }

    private static IEnumerable<string> FindSources()
    {
        var redirect = Path.Combine("Consuming", "Redirect");
        var (library, tests) = (Path.Combine(RepositoryFolder.Root, "src", "Messaging.Patterns.Kafka"), Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests"));
        return
        [
            .. Core.Select(name => Path.Combine(library, redirect, $"{name}.cs")),
            .. Directory.GetFiles(Path.Combine(library, "Consuming", "Dispatch"), "*.cs"),
            Path.Combine(library, "Consuming", "RecordProgress.cs"),
            Path.Combine(library, "Consuming", "HandlingFailure.cs"),
            Path.Combine(library, "Consuming", "RecordRefusedException.cs"),
            .. Directory.GetFiles(Path.Combine(tests, redirect, "Simulation"), "*.cs"),
            Path.Combine(tests, "EventSourcing", "Protocol", "Simulation", "SimRandom.cs"),
        ];
    }
}
