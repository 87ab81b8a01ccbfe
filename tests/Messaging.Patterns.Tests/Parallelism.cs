using Xunit.Sdk;
using Xunit.v3;

// Tests of one class run side by side too: the mutants of the relay, which are the longest, are rows of one theory.
[assembly: Parallelization(Mode = ParallelMode.All)]
