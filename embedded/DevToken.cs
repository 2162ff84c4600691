namespace ReactorJobs.Embedded;

/// <summary>The service token of the embedded host, in a file that only its owner reads.</summary>
static class DevToken
{
    public const string FileName = "dev-token";

    /// <param name="register">Registers the known token, or makes a new one; gives the one that holds.</param>
    public static async Task<string> Ensure(string data, Func<string?, Task<string>> register)
    {
        var path = Path.Combine(data, FileName);
        var known = await PrivateFile.Read(path);
        var token = await register(known);
        if (token != known)
            await PrivateFile.Write(path, token);
        return token;
    }
}
