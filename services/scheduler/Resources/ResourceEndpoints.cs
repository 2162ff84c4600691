using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>Components and job definitions, one by one or many at once.</summary>
public sealed class ResourceEndpoints(ResourceStore store, ComponentCode code, DefinitionDeletion deletion)
{
    const string Components = "/resources/components";
    const string Definitions = "/resources/job-definitions";
    const int MostManifestBytes = 16 << 20;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPut(Components + "/{id}", PutComponent).Accepts<ComponentSpec>("application/json")
            .Produces<ComponentView>(201).Produces<ComponentView>(200).ProducesProblem(400).Needs("components:write");
        endpoints.MapGet(Components, (Delegate)ListComponents).Produces<ComponentView[]>().Needs("components:read");
        endpoints.MapGet(Components + "/{id}", GetComponent).Produces<ComponentView>().ProducesProblem(404).Needs("components:read");
        endpoints.MapDelete(Components + "/{id}", DeleteComponent).Produces(204).ProducesProblem(404).ProducesProblem(409).Needs("components:write");
        endpoints.MapPut(Definitions + "/{definitionId}", PutDefinition).Accepts<DefinitionSpec>("application/json")
            .Produces<DefinitionView>(201).Produces<DefinitionView>(200).ProducesProblem(400).ProducesProblem(409).Needs("job-definitions:write");
        endpoints.MapGet(Definitions, (Delegate)ListDefinitions).Produces<DefinitionView[]>().Needs("job-definitions:read");
        endpoints.MapGet(Definitions + "/{definitionId}", GetDefinition).Produces<DefinitionView>().ProducesProblem(404).Needs("job-definitions:read");
        endpoints.MapDelete(Definitions + "/{definitionId}", DeleteDefinition).Produces(204).ProducesProblem(404).Needs("job-definitions:write");
        endpoints.MapPost("/resources/apply", (Delegate)Apply).Accepts<ResourceManifestSpec>("application/json")
            .Produces<AppliedView[]>().ProducesProblem(400).ProducesProblem(409).Needs("components:write, job-definitions:write");
    }

    async Task<IResult> PutComponent(HttpContext http, string id)
    {
        var uri = UriOf(ResourceUri.Components, id);
        var fields = await RequestBody.ReadFields(http, 2 * ComponentSpec.MostCode);
        var spec = ComponentSpec.Read(fields);
        fields.Done();
        var outcome = (await Write(http, [new ComponentWrite(uri, "", spec)]))[0];
        return ApiJson.Answer(Status(outcome), ComponentView.Of((await store.FindComponent(http.Caller().OrgId, uri.Id, http.RequestAborted))!));
    }

    async Task<IResult> ListComponents(HttpContext http)
    {
        var page = Paging.Read(http);
        var rows = await store.Components(http.Caller().OrgId, page.Cursor, page.Limit + 1, http.RequestAborted);
        var shown = rows.Take(page.Limit).Select(ComponentView.Of).ToArray();
        return ApiJson.Page(http, shown, rows.Count > page.Limit ? shown[^1].ComponentId : null);
    }

    async Task<IResult> GetComponent(HttpContext http, string id)
    {
        var name = HandlerName.InPath(id);
        return ApiJson.Answer(200, ComponentView.Of(await store.FindComponent(http.Caller().OrgId, name, http.RequestAborted) ?? throw new ProblemException(Problem.NotFound("component", name))));
    }

    async Task<IResult> DeleteComponent(HttpContext http, string id)
    {
        var name = HandlerName.InPath(id);
        return await store.DeleteComponent(http.Caller().OrgId, name, http.RequestAborted) ? Results.NoContent() : throw new ProblemException(Problem.NotFound("component", name));
    }

    async Task<IResult> PutDefinition(HttpContext http, string definitionId)
    {
        var uri = UriOf(ResourceUri.Definitions, definitionId);
        var fields = await RequestBody.ReadFields(http);
        var component = DefinitionSpec.Read(fields);
        fields.Done();
        var outcome = (await Write(http, [new DefinitionWrite(uri, "", component)]))[0];
        return ApiJson.Answer(Status(outcome), DefinitionView.Of(await Find(http, uri.Id)));
    }

    async Task<IResult> ListDefinitions(HttpContext http)
    {
        var page = Paging.Read(http);
        var jobs = await store.Definitions(http.Caller().OrgId, page.Cursor, page.Limit + 1, http.RequestAborted);
        var shown = jobs.Take(page.Limit).Select(DefinitionView.Of).ToArray();
        return ApiJson.Page(http, shown, jobs.Count > page.Limit ? shown[^1].JobDefinitionId : null);
    }

    async Task<IResult> GetDefinition(HttpContext http, string definitionId) => ApiJson.Answer(200, DefinitionView.Of(await Find(http, HandlerName.InPath(definitionId))));

    async Task<IResult> DeleteDefinition(HttpContext http, string definitionId)
    {
        var job = await Find(http, HandlerName.InPath(definitionId));
        await deletion.Delete(job.OrgId, job.Name, http.RequestAborted);
        return Results.NoContent();
    }

    async Task<IResult> Apply(HttpContext http)
    {
        var fields = await RequestBody.ReadFields(http, MostManifestBytes);
        var writes = ResourceManifest.Read(fields);
        var outcomes = await Write(http, writes);
        return ApiJson.Answer(200, writes.Zip(outcomes, (write, outcome) => new AppliedView(write.Uri.ToString(), write.Uri.Id, outcome.ToString().ToLowerInvariant())));
    }

    /// <summary>Code is built before anything is written, and goes live when everything is.</summary>
    async Task<IReadOnlyList<WriteOutcome>> Write(HttpContext http, IReadOnlyList<ResourceWrite> writes)
    {
        var versions = await code.Build(http, writes.OfType<ComponentWrite>());
        var outcomes = await store.Apply(http.Caller().OrgId, writes, http.RequestAborted);
        await code.Promote(http, versions);
        return outcomes;
    }

    async Task<Job> Find(HttpContext http, string id) =>
        await store.FindDefinition(http.Caller().OrgId, id, http.RequestAborted) ?? throw DefinitionSpec.NotFound(id);

    static ResourceUri UriOf(string kind, string segment)
    {
        var (uri, fault) = ResourceUri.Parse($"/resources/{kind}/{segment}");
        return fault is null ? uri : throw new ProblemException(Problem.Invalid(kind == ResourceUri.Components ? "id" : "definitionId", fault));
    }

    static int Status(WriteOutcome outcome) => outcome == WriteOutcome.Created ? 201 : 200;
}

/// <summary>A job definition as callers describe it: <c>{componentId}</c>.</summary>
public sealed record DefinitionSpec([property: JsonPropertyName("componentId")] string ComponentId)
{
    public static string Read(Fields fields)
    {
        var component = fields.String("component_id", required: true);
        if (component is not null && !JobRequest.IsHandler(component))
            fields.Wrong("component_id", $"{HandlerName.Rule}, or be an http(s) URL");
        return component ?? "";
    }

    public static ProblemException NotFound(string id) => new(new(404, "definition_not_found", $"There is no job definition \"{id}\"."));
}

/// <summary>A job definition as the API shows it.</summary>
public sealed record DefinitionView(
    [property: JsonPropertyName("jobDefinitionId")] string JobDefinitionId,
    [property: JsonPropertyName("componentId")] string ComponentId,
    [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("updatedAt")] DateTimeOffset UpdatedAt)
{
    public static DefinitionView Of(Job job) => new(job.Name, job.ComponentId!, job.CreatedAt, job.UpdatedAt);
}

/// <param name="Action"><c>created</c>, <c>changed</c> or <c>unchanged</c>.</param>
public sealed record AppliedView(string Uri, string Id, string Action);
