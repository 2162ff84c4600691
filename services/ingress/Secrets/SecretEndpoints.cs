using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Ingress.Secrets;

/// <summary>Secrets go in and never come out: callers see names and times, other services the values.</summary>
static partial class SecretEndpoints
{
    const string Root = "/secrets/v1";
    const string Internal = "/internal/ingress/orgs/{org}/secrets/resolve";
    const int LongestValueBytes = 64 << 10;
    const int MostPaths = 100;

    public static void MapSecrets(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Root, List);
        endpoints.MapPut(Root + "/{**path}", Put);
        endpoints.MapDelete(Root + "/{**path}", Delete);
        endpoints.MapPost(Internal, Resolve).OnlyForServices();
    }

    static async Task<IResult> Put(HttpContext http, string path, SecretStore secrets, SecretCipher cipher)
    {
        path = Known(path);
        var fields = await RequestBody.ReadFields(http);
        var value = fields.String("value", required: true);
        if (value is not null && Encoding.UTF8.GetByteCount(value) is 0 or > LongestValueBytes)
            fields.Wrong("value", $"must have 1 to {LongestValueBytes} bytes");
        fields.Done();
        if (!cipher.CanSeal)
            throw new ProblemException(Problem.Unavailable("Secrets cannot be stored: no key is configured (secrets.key)."));
        var (row, isNew) = await secrets.Put(http.Caller().OrgId, path, value!, http.RequestAborted);
        return ApiJson.Answer(isNew ? 201 : 200, row);
    }

    static async Task<IResult> List(HttpContext http, SecretStore secrets)
    {
        var paging = Paging.Read(http);
        var rows = await secrets.List(http.Caller().OrgId, paging.Cursor ?? "", paging.Limit + 1, http.RequestAborted);
        var page = rows.Take(paging.Limit).ToArray();
        return ApiJson.Page(http, page, rows.Count > page.Length ? page[^1].Path : null);
    }

    static async Task<IResult> Delete(HttpContext http, string path, SecretStore secrets)
    {
        path = Known(path);
        return await secrets.Delete(http.Caller().OrgId, path, http.RequestAborted) ? Results.NoContent() : throw new ProblemException(Problem.NotFound("secret", path));
    }

    static async Task<IResult> Resolve(HttpContext http, string org, SecretStore secrets)
    {
        var fields = await RequestBody.ReadFields(http);
        var paths = fields.Array("paths", MostPaths, (item, pointer, all) =>
        {
            if (RequestBody.TextOf(item) is { } path && Path().IsMatch(path))
                return path;
            all.Wrong(pointer.TrimStart('/'), "must be the path of a secret");
            return "";
        });
        if (paths is null)
            fields.Wrong("paths", "is required");
        fields.Done();
        http.Response.Headers.CacheControl = "no-store";
        return ApiJson.Answer(200, await secrets.Resolve(org, [.. paths!], http.RequestAborted));
    }

    // A path's slashes may come as they are or as %2F, which routing leaves as it is.
    static string Known(string path)
    {
        path = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return Path().IsMatch(path)
            ? path
            : throw new ProblemException(Problem.Invalid("path", "must have 1 to 128 characters of a-z, 0-9, _, ., / and -, of which the first is a letter or digit"));
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9_./-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Path();
}
