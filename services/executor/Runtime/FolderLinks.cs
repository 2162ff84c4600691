using System.Runtime.InteropServices;

namespace ReactorJobs.Executor.Runtime;

/// <summary>Shows the files of a bundle in a second folder, without copying them.</summary>
static class FolderLinks
{
    const UnixFileMode Enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>With more, another mount is the faster way.</summary>
    const int MostFiles = 1000;

    /// <summary>False where that is not possible, as across file systems, or takes too long; what is in the folder then is of no use.</summary>
    public static bool TryMake(string from, string into)
    {
        var left = MostFiles;
        return TryMake(new DirectoryInfo(from), into, ref left);
    }

    static bool TryMake(DirectoryInfo from, string into, ref int left)
    {
        foreach (var entry in from.EnumerateFileSystemInfos())
        {
            var path = Path.Combine(into, entry.Name);
            if (--left < 0)
                return false;
            if (entry is DirectoryInfo folder)
            {
                Directory.CreateDirectory(path);
                Open(path);
                if (!TryMake(folder, path, ref left))
                    return false;
            }
            else if (Link(entry.FullName, path) != 0)
                return false;
        }

        return true;
    }

    /// <summary>Everybody may read what is in it, whatever this process's mask is.</summary>
    public static void Open(string folder) => Sandbox.SetMode(folder, Read | Enter | UnixFileMode.UserWrite);

    [DllImport("libc", EntryPoint = "link", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string created);
}
