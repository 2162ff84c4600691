using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Functions;

/// <summary>Making functions, deploying them, and choosing what is live.</summary>
public sealed class FunctionEndpoints(FunctionRegistry registry, Deployments deployments, FunctionOptions options, TimeProvider time)
{
    const string Path = "/functions/v1/_admin/functions";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, (Delegate)Create).Accepts<FunctionSpec>("application/json").Produces<FunctionView>(201).Produces<FunctionView>(200).ProducesProblem(400).ProducesProblem(409);
        endpoints.MapGet(Path, (Delegate)List).Produces<FunctionView[]>();
        endpoints.MapGet(Path + "/{name}", Get).Produces<FunctionDetailView>().ProducesProblem(404);
        endpoints.MapPatch(Path + "/{name}", Change).Accepts<FunctionChangeSpec>("application/json").Produces<FunctionView>().ProducesProblem(400).ProducesProblem(404);
        endpoints.MapDelete(Path + "/{name}", Delete).Produces(204).ProducesProblem(404).ProducesProblem(409);
        endpoints.MapPost(Path + "/{name}/deployments", Deploy).Accepts<byte[]>("application/gzip", "application/x-gzip", "application/octet-stream")
            .Produces<DeploymentView>(201).Produces<DeploymentView>(200).ProducesProblem(400).ProducesProblem(404).ProducesProblem(413);
        endpoints.MapPost(Path + "/{name}/promote", Promote).Accepts<PromoteSpec>("application/json").Produces<FunctionView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        endpoints.MapDelete(Path + "/{name}/versions/{version}", DeleteVersion).Produces(204).ProducesProblem(404).ProducesProblem(409);
    }

    async Task<IResult> Create(HttpContext http)
    {
        var wanted = Read(await RequestBody.ReadFields(http), http.Caller().OrgId);
        var (function, created) = await registry.Create(wanted, http.RequestAborted);
        if (!created && !function.HasSettingsOf(wanted))
            throw new ProblemException(new(409, "function_exists", $"There is a function \"{function.Name}\" with other settings; change it with PATCH."));
        return ApiJson.Answer(created ? 201 : 200, FunctionView.Of(function));
    }

    Function Read(Fields fields, string org)
    {
        var name = fields.String("name", required: true);
        if (name is not null && NameFault(name) is { } fault)
            fields.Wrong("name", fault);
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var function = new Function(
            org, name ?? "", fields.OneOf("runtime", false, FunctionRuntime.Names) ?? FunctionRuntime.Bun, null, fields.Boolean("network") ?? true, FunctionVariables.Read(fields), now, now);
        fields.Done();
        return function;
    }

    // A job's handler that looks like an address is one.
    static string? NameFault(string name) => !HandlerName.Fits(name)
        ? HandlerName.Rule
        : name.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || name.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            ? "must not be an http(s) URL: a job would call it instead"
            : null;

    async Task<IResult> List(HttpContext http)
    {
        var page = Paging.Read(http);
        var functions = await registry.List(http.Caller().OrgId, page.Cursor, page.Limit + 1, http.RequestAborted);
        var shown = functions.Take(page.Limit).Select(FunctionView.Of).ToArray();
        return ApiJson.Page(http, shown, functions.Count > page.Limit ? shown[^1].Name : null);
    }

    async Task<IResult> Get(HttpContext http, string name)
    {
        var (org, function) = (http.Caller().OrgId, HandlerName.InPath(name));
        var found = await registry.Find(org, function, http.RequestAborted) ?? throw FunctionRegistry.NotFound(function);
        return ApiJson.Answer(200, FunctionDetailView.Of(found, await registry.Versions(org, function, http.RequestAborted)));
    }

    async Task<IResult> Change(HttpContext http, string name)
    {
        var fields = await RequestBody.ReadFields(http);
        var changed = await registry.Change(http.Caller().OrgId, HandlerName.InPath(name), function =>
        {
            var wanted = function with { Network = fields.Boolean("network") ?? function.Network, Variables = function.Variables.Change(fields) };
            fields.Done();
            return wanted;
        }, http.RequestAborted);
        return ApiJson.Answer(200, FunctionView.Of(changed));
    }

    async Task<IResult> Delete(HttpContext http, string name)
    {
        await deployments.Delete(http.Caller().OrgId, HandlerName.InPath(name), http.RequestAborted);
        return Results.NoContent();
    }

    async Task<IResult> Deploy(HttpContext http, string name)
    {
        var archive = await RequestBody.ReadBytes(http, options.Limits.CompressedBytes);
        var (version, created) = await deployments.Deploy(http.Caller().OrgId, HandlerName.InPath(name), archive, http.Caller().Name, http.RequestAborted);
        return ApiJson.Answer(created ? 201 : 200, DeploymentView.Of(version));
    }

    async Task<IResult> Promote(HttpContext http, string name)
    {
        var fields = await RequestBody.ReadFields(http);
        var version = (int?)fields.Integer("version", 1, int.MaxValue);
        fields.Done();
        return ApiJson.Answer(200, FunctionView.Of(await deployments.Promote(http.Caller().OrgId, HandlerName.InPath(name), version, http.RequestAborted)));
    }

    async Task<IResult> DeleteVersion(HttpContext http, string name, string version)
    {
        var function = HandlerName.InPath(name);
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new ProblemException(new(404, "function_version_not_found", $"There is no version \"{version}\" of the function \"{function}\"."));
        await registry.DeleteVersion(http.Caller().OrgId, function, number, http.RequestAborted);
        return Results.NoContent();
    }
}
