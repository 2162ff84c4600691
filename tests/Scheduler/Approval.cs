using System.Runtime.CompilerServices;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>
/// Compares a text with a checked-in file, so that a change of what outsiders see shows up in review. <c>REACTOR_APPROVE=1</c> writes the
/// files instead.
/// </summary>
static class Approval
{
    static bool Rewrites => Environment.GetEnvironmentVariable("REACTOR_APPROVE") == "1";

    /// <param name="file">Below this project's folder, or from it with <c>..</c>.</param>
    public static void Verify(string file, string actual)
    {
        var path = Path.GetFullPath(Path.Combine(Folder(), file));
        actual = actual.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Rewrites)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing: run the tests with REACTOR_APPROVE=1 to write it, and review it.");
        var approved = File.ReadAllText(path);
        if (approved == actual)
            return;
        var (was, now) = (approved.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(was.Length, now.Length)).First(i => i >= was.Length || i >= now.Length || was[i] != now[i]);
        Assert.Fail(
            $"""
            {path} differs from line {line + 1} on:
              approved: {(line < was.Length ? was[line] : "(the end)")}
              now:      {(line < now.Length ? now[line] : "(the end)")}
            If that is meant, run the tests with REACTOR_APPROVE=1 and commit the file.
            """);
    }

    public static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
