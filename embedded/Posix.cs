using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ReactorJobs.Embedded;

/// <summary>The few system calls that .NET has no method for.</summary>
static class Posix
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;

    const int NoSuchProcess = 3;

    /// <summary>False when the process is gone already, which is what the sender of such a signal wants.</summary>
    public static bool Signal(int processId, int signal)
    {
        if (kill(processId, signal) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error, $"Cannot send signal {signal} to process {processId}");
    }

    /// <summary>The one name of an existing folder, whatever links lead to it: its socket and its processes are found by it.</summary>
    public static string RealPath(string path)
    {
        var resolved = realpath(path, 0);
        if (resolved == 0) throw new IOException($"Cannot resolve {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        try
        {
            return Marshal.PtrToStringUTF8(resolved)!;
        }
        finally
        {
            free(resolved);
        }
    }

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int kill(int processId, int signal);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern nint realpath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint buffer);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern void free(nint memory);
}
