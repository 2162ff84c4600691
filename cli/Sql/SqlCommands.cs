using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Jobs;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Sql;

/// <summary><c>reactor sql</c>: which database roles may start jobs and emit events in their own transactions, and what came to nothing.</summary>
static class SqlCommands
{
    static readonly Column[] RoleColumns = ["ROLE", "GRANTED"];
    static readonly Column[] RefusalColumns = ["ID", "NAME", "BY", "CODE", "REFUSED", new("REASON", Cut: true)];

    public static Command Build(Commands commands) => Commands.Group(
        "sql", "Database roles that call reactor_jobs.trigger and reactor_jobs.emit.", Grant(commands), Revoke(commands), List(commands), Refused(commands));

    static Command Grant(Commands commands)
    {
        var role = Role();
        return commands.Leaf("grant", "Let a database role start jobs and emit events of this org.", async (given, session, ct) =>
        {
            var name = given.GetRequiredValue(role);
            session.Printer.Done(await session.Api.Put(ApiPath.SqlRole(name), new JsonObject(), ct), $"granted {name}", name);
            return ExitCode.Ok;
        }, role);
    }

    static Command Revoke(Commands commands)
    {
        var (role, force) = (Role(), JobCommands.Force());
        return commands.Leaf("revoke", "Take that back; its next call fails.", async (given, session, ct) =>
        {
            var name = given.GetRequiredValue(role);
            await session.Confirm($"revoking the role {name}", given.GetValue(force), ct);
            session.Printer.Done(await session.Api.Delete(ApiPath.SqlRole(name), ct), $"revoked {name}", name);
            return ExitCode.Ok;
        }, role, force);
    }

    static Command List(Commands commands) => commands.Leaf("list", "List the roles that may.", async (_, session, ct) =>
    {
        session.Printer.Page(await session.Api.Get(ApiPath.SqlRoles, ct), "no roles yet; let one: reactor sql grant ROLE", (roles, view) => TextTable.Render(
            RoleColumns, [.. roles.Items().Select(role => new Cell[] { role.Text("name"), view.Ago(role.Time("granted_at")) })], view));
        return ExitCode.Ok;
    });

    static Command Refused(Commands commands)
    {
        var paging = new Paging();
        return commands.Leaf("refused", "List runs and events that were asked for and could not be.", async (given, session, ct) =>
        {
            session.Printer.Page(await session.Api.Get(ApiPath.Refused.With(paging.Limit(given), paging.Cursor(given)), ct), "nothing was refused", Table);
            return ExitCode.Ok;
        }, paging.Options);
    }

    static string Table(JsonElement refusals, View view) => TextTable.Render(RefusalColumns, [.. refusals.Items().Select(refusal => new Cell[]
    {
        refusal.Text("id"), refusal.Text("name"), refusal.Text("trigger_kind"), refusal.Text("code"), view.Ago(refusal.Time("refused_at")), refusal.Text("reason"),
    })], view);

    static Argument<string> Role() => new("ROLE") { Description = "The database role that the application signs in with, or one that it is a member of." };
}
