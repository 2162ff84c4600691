using System.Globalization;

namespace ReactorJobs.Embedded;

/// <summary>
/// Makes one host the owner of a server of its data folder for as long as it lives. The lock is the kernel's (flock) and goes with the process, so
/// that it cannot be left behind; who finds it free may end any such server that still runs on the folder.
/// </summary>
sealed class DataFolderLock : IDisposable
{
    readonly FileStream held;

    DataFolderLock(FileStream held) => this.held = held;

    /// <param name="name">Of the lock: <c>name.lock</c> is held, and <c>name.pid</c> says by whom.</param>
    /// <param name="refused">Makes the exception of the server that cannot be started while another host owns it.</param>
    public static DataFolderLock Take(string dataFolder, string name, Func<string, Exception, Exception> refused)
    {
        var lockPath = Path.Combine(dataFolder, $"{name}.lock");
        // The owner's id is a file of its own: .NET opens a locked file not even for reading.
        var ownerPath = Path.Combine(dataFolder, $"{name}.pid");
        FileStream held;
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB). The file stays: deleting a lock file lets two owners hold two files of one name.
            held = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException cause) when (File.Exists(lockPath))
        {
            var owner = File.Exists(ownerPath) ? File.ReadAllText(ownerPath).Trim() : "(starting)";
            throw refused(
                $"The data folder {dataFolder} is in use by process {owner}: stop that process, or give this one a data folder of its own.", cause);
        }

        try
        {
            File.WriteAllText(ownerPath, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            return new(held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose() => held.Dispose();
}
