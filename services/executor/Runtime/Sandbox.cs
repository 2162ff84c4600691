using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.Runtime;

/// <summary>Starts programs that are not trusted, contained as far as this machine allows.</summary>
public sealed partial class Sandbox : IDisposable
{
    const string CgroupRoot = "/sys/fs/cgroup";
    const string FolderPrefix = "rjf-";
    const string OwnCgroup = "/proc/self/cgroup";
    const string EnterGroups = "while [ \"$1\" != -- ]; do echo 0 > \"$1\" || exit 125; shift; done; shift; exec \"$@\"";
    static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(10);
    static readonly SandboxLimits ProbeLimits = new(128 << 20, 64, 256, 1 << 20, 100);

    readonly SandboxMode mode;
    readonly Cgroups cgroups;
    readonly MemoryWatch memory;
    readonly TimeProvider time;
    readonly ILogger logger;
    readonly DirectoryInfo work;
    int started;

    Sandbox(SandboxMode mode, string? reason, TimeProvider time, ILogger logger)
    {
        (this.mode, this.time, this.logger) = (mode, time, logger);
        memory = new(time);
        // A short path: a socket's has at most 107 bytes.
        work = Directory.CreateTempSubdirectory($"{FolderPrefix}{Environment.ProcessId}-");
        cgroups = Cgroups.Find(CgroupRoot, File.Exists(OwnCgroup) ? File.ReadAllText(OwnCgroup) : "", work.Name);
        InForce = new(
            Contained ? Containment.Bubblewrap : Containment.None,
            mode.OwnUid ? "its own" : mode.UserNamespace ? "the executor's, in a user namespace" : "the executor's",
            cgroups.Bounds("memory") ? cgroups.Version : "watched",
            (cgroups.Bounds("pids"), Contained) switch { (true, true) => $"{cgroups.Version} and rlimit", (true, false) => cgroups.Version, (false, true) => "rlimit", _ => "none" },
            cgroups.Bounds("cpu") ? cgroups.Version : "none",
            reason);
    }

    public Containment InForce { get; }

    bool Contained => mode.Bubblewrap is not null;

    /// <summary>Finds out what this machine allows, by doing it once.</summary>
    /// <exception cref="InvalidOperationException">Containment is required and does not work here; the message says why.</exception>
    public static async Task<Sandbox> Open(RuntimeOptions options, TimeProvider time, ILogger logger)
    {
        var (mode, reason) = await Best(options, time, logger);
        if (mode.Bubblewrap is null && options.Containment == RuntimeOptions.Required)
            throw new InvalidOperationException($"The setting containment of [jobs.functions] is \"{RuntimeOptions.Required}\", and functions cannot be contained here: {reason}");
        var sandbox = new Sandbox(mode, reason, time, logger);
        sandbox.cgroups.RemoveLeftovers();
        RemoveLeftovers();
        sandbox.LogInForce(sandbox.InForce);
        return sandbox;
    }

    static async Task<(SandboxMode, string? Reason)> Best(RuntimeOptions options, TimeProvider time, ILogger logger)
    {
        if ((options.Bubblewrap is { } set ? Executables.Real(set) : Executables.OnPath("bwrap")) is not { } bubblewrap)
            return (SandboxMode.Uncontained, options.Bubblewrap is null ? "bwrap is not on the PATH: install bubblewrap" : $"{options.Bubblewrap} is no program");
        string? reason = null;
        foreach (var mode in SandboxMode.Of(bubblewrap, Environment.IsPrivilegedProcess))
        {
            using var trial = new Sandbox(mode, null, time, logger);
            // What it must not see is the point of it: the exit code says whether it does.
            var result = await trial.Run(new(["/bin/sh", "-c", "test ! -e /etc/shadow && test -w /tmp && test -r /proc/self/status"], [], ProbeLimits), ProbePatience);
            if (result.Succeeded)
                return (mode, null);
            reason = result.TimedOut ? "bwrap does not answer" : $"bwrap ended with {result.Code}: {result.Error.Trim()}";
        }

        return (SandboxMode.Uncontained, reason);
    }

    /// <summary>A folder of a process's own, which only the executor can list; removed with the process.</summary>
    internal string NewFolder() => work.CreateSubdirectory(Interlocked.Increment(ref started).ToString(CultureInfo.InvariantCulture)).FullName;

    /// <summary>A path that a program of the command sees, as it sees it.</summary>
    internal string Inside(string path, SandboxCommand command, string folder) => Contained ? path : UncontainedArguments.Inside(path, command, folder);

    /// <summary>Starts a program; its environment holds nothing of this process's.</summary>
    internal async Task<SandboxedProcess> Start(SandboxCommand command, string folder)
    {
        int? uid = mode.OwnUid ? OwnUids.Take() : null;
        var cgroup = cgroups.Create(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture), command.Limits);
        try
        {
            BubblewrapArguments.WriteUser(folder, uid);
            var line = Contained ? BubblewrapArguments.Build(mode, command, folder, uid) : UncontainedArguments.Build(command, folder);
            var process = await Spawner.Start(StartInfo(cgroup, line, Contained ? "/" : UncontainedArguments.Inside(command.WorkingFolder, command, folder)));
            process.StandardInput.Close();
            var sandboxed = new SandboxedProcess(process, cgroup, time, logger, () => Over(process, uid, folder));
            if (!cgroups.Bounds("memory"))
                memory.Add(process.Id, command.Limits.MemoryBytes, sandboxed.KillForMemory);
            return sandboxed;
        }
        catch
        {
            cgroup.Remove();
            Return(uid);
            throw;
        }
    }

    /// <summary>Runs a program to its end, and ends it when it takes longer than the timeout. Folders that it writes to are opened to its uid meanwhile.</summary>
    public async Task<SandboxResult> Run(SandboxCommand command, TimeSpan timeout)
    {
        var written = command.Mounts.Where(x => x.Writable && mode.OwnUid).Select(x => (x.Source, Mode: new DirectoryInfo(x.Source).UnixFileMode)).ToArray();
        foreach (var (source, before) in written)
            SetMode(source, before | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        try
        {
            var process = await Start(command, NewFolder());
            var (output, error) = (OutputTail.Read(process.Output), OutputTail.Read(process.Error));
            var timedOut = false;
            await using var limit = time.CreateTimer(_ =>
            {
                timedOut = true;
                process.Kill();
            }, null, timeout, Timeout.InfiniteTimeSpan);
            var exit = await process.Exited;
            return new(exit.Code, timedOut, exit.OutOfMemory, await output, await error);
        }
        finally
        {
            foreach (var (source, before) in written)
                SetMode(source, before);
        }
    }

    /// <summary>Folders of executors that were killed. Somebody else's cannot be removed, and are not looked into.</summary>
    static void RemoveLeftovers()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*"))
            if (!Directory.Exists("/proc/" + Path.GetFileName(folder)[FolderPrefix.Length..].Split('-')[0]))
                Remove(folder);
    }

    static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A process that is just ending still writes to it; the next start finds it.
        }
    }

    internal static void SetMode(string path, UnixFileMode access)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, access);
    }

    static ProcessStartInfo StartInfo(Cgroup cgroup, List<string> line, string folder)
    {
        // A process that is moved after its start may have started others by then.
        if (cgroup.Entrances.Count > 0)
            line = ["/bin/sh", "-c", EnterGroups, "sh", .. cgroup.Entrances, "--", .. line];
        var info = new ProcessStartInfo(line[0], line.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        info.Environment.Clear();
        foreach (var (name, value) in new[] { ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/tmp"), ("LANG", "C.UTF-8"), ("NODE_ENV", "production") })
            info.Environment[name] = value;
        return info;
    }

    static void Return(int? uid)
    {
        if (uid is { } own)
            OwnUids.Return(own);
    }

    void Over(Process process, int? uid, string folder)
    {
        memory.Remove(process.Id);
        Return(uid);
        Remove(folder);
    }

    public void Dispose()
    {
        memory.Dispose();
        Remove(work.FullName);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Functions run with {InForce}")]
    partial void LogInForce(Containment inForce);
}
