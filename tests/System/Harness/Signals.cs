using System.Diagnostics;
using System.Globalization;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>Signals to a server and to the processes that it has begun, such as PostgreSQL's backends.</summary>
static class Signals
{
    /// <summary>Nothing of it answers any more, and nothing is closed.</summary>
    public static void Stop(int server)
    {
        // First the one that would begin others.
        Send("STOP", server);
        Send("STOP", Children(server));
    }

    public static void Continue(int server)
    {
        Send("CONT", Children(server));
        Send("CONT", server);
    }

    /// <summary>As when its machine loses power.</summary>
    public static void Kill(int server)
    {
        Stop(server);
        Send("KILL", [server, .. Children(server)]);
    }

    static void Send(string signal, params int[] processes)
    {
        if (processes.Length == 0)
            return;
        using var kill = Process.Start("kill", [$"-{signal}", .. processes.Select(x => x.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    static int[] Children(int parent) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(x => int.TryParse(x, out _)).Select(x => int.Parse(x!, CultureInfo.InvariantCulture)).Where(id => ParentOf(id) == parent)];

    static int? ParentOf(int process)
    {
        try
        {
            // After the name, which is in parentheses and may hold anything, come the state and the parent.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it has ended since it was listed
        }
    }
}
