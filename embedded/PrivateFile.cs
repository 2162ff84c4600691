namespace ReactorJobs.Embedded;

/// <summary>Small files of the data folder that only their owner reads.</summary>
static class PrivateFile
{
    public static async Task<string?> Read(string path) => File.Exists(path) ? (await File.ReadAllTextAsync(path)).Trim() : null;

    /// <summary>Written beside and moved: a reader sees no half of it, and never one that others may read; a power failure leaves the old or the new.</summary>
    public static async Task Write(string path, string text)
    {
        var fresh = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(fresh, options))
        {
            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
