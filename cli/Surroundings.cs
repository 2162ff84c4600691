using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli;

/// <summary>Everything that a command takes from the process around it, so that tests can put a command into any place.</summary>
sealed record Surroundings(Terminal Terminal, IReadOnlyDictionary<string, string> Environment, string WorkingDirectory, TimeProvider Clock);
