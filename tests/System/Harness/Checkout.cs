namespace ReactorJobs.Tests.System.Harness;

/// <summary>The checkout that the tests were built from.</summary>
static class Checkout
{
    public static string Folder { get; } = Find();

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ReactorJobs.Micro.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No checkout is above {AppContext.BaseDirectory}.");
    }
}
