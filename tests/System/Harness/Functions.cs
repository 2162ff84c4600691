using System.Net;
using System.Text.Json;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>Functions as whoever deploys them uses the API.</summary>
sealed class Functions(Api api)
{
    const string Admin = "/functions/v1/_admin/functions";

    public async Task Create(string name, string runtime = "bun", object? env = null, object? secrets = null) =>
        (await api.Post(Admin, JsonSerializer.Serialize(new { name, runtime, env, secrets }))).Is(HttpStatusCode.Created);

    /// <summary>Gives the version that it made.</summary>
    public async Task<int> Deploy(string name, params (string Path, string Text)[] files) => (int)(await Upload(name, files)).Is(HttpStatusCode.Created).Json["version"]!;

    /// <summary>The newest version, or the one that is named.</summary>
    public async Task Promote(string name, int? version = null) =>
        (await api.Post($"{Admin}/{name}/promote", JsonSerializer.Serialize(new { version }))).Is(HttpStatusCode.OK);

    public Task<Answer> Upload(string name, params (string Path, string Text)[] files) => Bundles.Upload(api, name, files);
}
