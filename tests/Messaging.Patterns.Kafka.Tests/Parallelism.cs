using Xunit.Sdk;
using Xunit.v3;

// Tests of one class run side by side too: the mutants of a protocol, which are the longest, are rows of few theories.
[assembly: Parallelization(Mode = ParallelMode.All)]
