using System.Diagnostics.Metrics;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Sql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Events.Refusals;

/// <summary>What came to nothing, kept for the retention period with its reason.</summary>
public sealed class RefusalRegister(ServiceDatabase database, TimeProvider time)
{
    static readonly Meter Meter = new("ReactorJobs.Events");
    static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "reactor_jobs_refused_total", description: "Runs and events that were asked for and did not come to be, by the code of the reason.");

    // The next call with the key is to start the job that is there by then.
    const string ForgetKeys =
        $"""
        delete from {SqlCalls.Schema}.idempotency using unnest($1::text[], $2::text[]) as k(org_id, run_id)
        where idempotency.org_id = k.org_id and idempotency.run_id = k.run_id
        """;

    /// <summary>Comes again when its sender does not know whether it was taken; it is kept once.</summary>
    public async Task Keep(StartsRefused message)
    {
        var refused = message.Refused.Select(x => Refusal.Of(x, time.GetUtcNow())).ToArray();
        try
        {
            await using var connection = database.ForGroup();
            await connection.Finish(open => Write(open, refused));
        }
        catch (Exception exception) when (exception is not StoreUnavailable && StoreUnavailable.IsCauseOf(exception))
        {
            throw new StoreUnavailable("The database does not answer.", exception);
        }

        Count(refused);
    }

    static async Task Write(NpgsqlConnection connection, Refusal[] refused)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ServiceDatabase.Begin),
                new(ServiceDatabase.SetOrgs) { Parameters = { ServiceDatabase.OrgsParameter([.. refused.Select(x => x.OrgId).Distinct()]) } },
                Insert(refused),
                new(ForgetKeys) { Parameters = { EventRows.Array(refused, x => x.OrgId), EventRows.Array(refused, x => new RunId(x.Id).ToString()) } },
                new(ServiceDatabase.Commit),
            },
        };
        await batch.ExecuteNonQueryAsync();
    }

    public static NpgsqlBatchCommand Insert(IReadOnlyList<Refusal> refused) => new(
        """
        insert into refusal (org_id, id, kind, name, payload, trigger_kind, code, reason, requested_at, refused_at)
        select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[])
        on conflict on constraint refusal_kept_once do nothing
        """)
    {
        Parameters =
        {
            EventRows.Array(refused, x => x.OrgId), EventRows.Array(refused, x => x.Id), EventRows.Array(refused, x => x.Kind), EventRows.Array(refused, x => x.Name),
            EventRows.Array(refused, x => x.Payload.ToString()), EventRows.Array(refused, x => x.TriggerKind), EventRows.Array(refused, x => x.Code),
            EventRows.Array(refused, x => x.Reason), EventRows.Array(refused, x => x.RequestedAt), EventRows.Array(refused, x => x.RefusedAt),
        },
    };

    public static void Count(IEnumerable<Refusal> refused)
    {
        foreach (var one in refused)
            Refused.Add(1, new KeyValuePair<string, object?>("code", one.Code));
    }
}
