using System.CommandLine;
using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Connection;

/// <summary><c>reactor health</c>: exit code 0 only when everything is well, so that a script can wait for it.</summary>
static class HealthCommand
{
    public static Command Build(Commands commands) => commands.Leaf("health", "Ask the suite how it is.", async (_, session, ct) =>
    {
        var answer = await session.AnonymousApi.Health(ct);
        session.Printer.Show(answer, (health, view) => Render(health, session.AnonymousApi.Url, view));
        return answer.Status == 200 && answer.Json.Text("status") is "ok" ? ExitCode.Ok : ExitCode.Failed;
    });

    internal static string Render(JsonElement health, string url, View view)
    {
        var capabilities = health.Field("capabilities") is { ValueKind: JsonValueKind.Object } all ? all.EnumerateObject().ToList() : [];
        return view.Details($"{view.Paint.Status(health.Text("status") ?? "unknown")}  {url}",
            capabilities.Select(c => (Printable.Line(c.Name), (string?)view.Paint.Status(State(c.Value)))));
    }

    /// <summary>A capability is a word, or an object that tells more about itself.</summary>
    static string State(JsonElement capability) => capability.ValueKind == JsonValueKind.String
        ? Printable.Line(capability.GetString()!)
        : capability.Text("status") ?? capability.Compact();
}
