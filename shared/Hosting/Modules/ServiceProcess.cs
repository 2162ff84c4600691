using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Hosting.Modules;

/// <summary>What a process is: one of the embedded host's kind, or one of the suite's.</summary>
/// <param name="Name">Outlives restarts and is this process's alone.</param>
/// <param name="Url">Where others reach it.</param>
/// <param name="Data">The folder of what it keeps beside the database; it may be lost.</param>
public sealed record ServiceProcess(string Name, string Url, string Data, ReactorSettings Settings);
