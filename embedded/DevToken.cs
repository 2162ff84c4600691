namespace ReactorJobs.Embedded;

/// <summary>The service token of the embedded host, in a file that only its owner reads.</summary>
static class DevToken
{
    public const string FileName = "dev-token";

    /// <param name="register">Registers the known token, or makes a new one; gives the one that holds.</param>
    public static async Task<string> Ensure(string data, Func<string?, Task<string>> register)
    {
        var path = Path.Combine(data, FileName);
        var known = File.Exists(path) ? (await File.ReadAllTextAsync(path)).Trim() : null;
        var token = await register(known);
        if (token == known)
            return token;

        // Written beside and moved: a reader sees no half of a token, and never one that others may read.
        var fresh = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(fresh, options))
        await using (var writer = new StreamWriter(file))
            await writer.WriteAsync(token);
        File.Move(fresh, path, overwrite: true);
        return token;
    }
}
