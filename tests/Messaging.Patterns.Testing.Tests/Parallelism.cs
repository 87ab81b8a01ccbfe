using Xunit.v3;

// Most tests wait for what is in their own process, so there may be more of them than processors.
[assembly: Parallelization(MaxThreads = 4)]
