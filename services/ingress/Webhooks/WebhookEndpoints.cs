using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Ingress.Webhooks.Deliveries;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>Where the world calls. Nobody has a token here: the address is known to its sender alone, or the sender signs.</summary>
sealed class WebhookEndpoints(HookRegister hooks, WebhookIntake intake, DeliveryLog log)
{
    public const string TokenPath = "/jobs/v1/webhooks/{token}";
    public const string HooksPath = "/jobs/v1/hooks/{**path}";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        // Which methods an address has is its trigger's matter.
        endpoints.Map(TokenPath, async (HttpContext http, string token) => await Receive(http, await hooks.OfToken(token, http.RequestAborted)))
            .AllowAnonymous().Produces<WebhookRun>(202).ProducesProblem(401).ProducesProblem(404).ProducesProblem(405).ProducesProblem(413).ProducesProblem(503);
        endpoints.Map(HooksPath, async (HttpContext http, string? path) => await Receive(http, await hooks.OfPath(path ?? "", http.RequestAborted)))
            .AllowAnonymous().Produces<WebhookRun>(202).ProducesProblem(401).ProducesProblem(404).ProducesProblem(405).ProducesProblem(413).ProducesProblem(503);
    }

    async Task<IResult> Receive(HttpContext http, Hook? hook)
    {
        if (hook is null)
            throw new ProblemException(new(404, "trigger_not_found", WebhookIntake.NotThere));
        var taken = await intake.Take(hook, http);
        log.Write(taken.Delivery);
        return taken switch
        {
            { Problem: { } problem } => throw new ProblemException(problem),
            { Challenge: { } challenge } => ApiJson.Answer(200, new { Challenge = challenge }),
            _ => ApiJson.Answer(202, new WebhookRun(taken.Delivery.RunId!.Value)),
        };
    }
}

public sealed record WebhookRun(RunId RunId);
