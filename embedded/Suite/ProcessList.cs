using System.Text.Json;

namespace ReactorJobs.Embedded.Suite;

/// <summary>
/// <c>processes.json</c>: what runs for this data folder, for people and for tests that kill it. The next start ends what a killed one left.
/// </summary>
sealed class ProcessList(string data)
{
    public sealed record Entry(string Name, int Pid);

    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    readonly Lock gate = new();
    readonly SortedDictionary<string, int> running = new(StringComparer.Ordinal);

    string Path => System.IO.Path.Combine(data, "processes.json");

    /// <summary>Written beside and moved: a reader sees the list before or after, never half of it.</summary>
    public void Set(string name, int pid)
    {
        lock (gate)
        {
            running[name] = pid;
            Write();
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            running.Clear();
            File.Delete(Path);
        }
    }

    /// <summary>Ends the services that an earlier start left. Only the owner of the data folder may call it.</summary>
    public async Task EndLeftovers(TimeProvider time, CancellationToken stop)
    {
        if (!File.Exists(Path))
            return;
        Entry[] left;
        try
        {
            left = JsonSerializer.Deserialize<Entry[]>(await File.ReadAllTextAsync(Path, stop), Options) ?? [];
        }
        catch (JsonException)
        {
            return; // not ours
        }

        foreach (var entry in left.Where(IsService))
        {
            Posix.Signal(entry.Pid, Posix.Kill);
            while (IsService(entry))
                await Task.Delay(Look, time, stop);
        }
    }

    // A pid alone may be anybody's by now.
    static bool IsService(Entry entry)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{entry.Pid}/cmdline").Split('\0');
            return arguments.Length > 1 && ServiceKeeper.ProgramOf(entry.Name) is { } program && System.IO.Path.GetFileName(arguments[1]) == program;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    void Write()
    {
        File.WriteAllText(Path + ".new", JsonSerializer.Serialize(running.Select(x => new Entry(x.Key, x.Value)), Options) + "\n");
        File.Move(Path + ".new", Path, overwrite: true);
    }
}
