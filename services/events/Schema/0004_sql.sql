-- The service's part in the calls of reactor_jobs (Sql/reactor_jobs.sql, which comes before this), and what came to nothing.
grant usage on schema reactor_jobs to reactor_events, reactor_events_sweep;
grant select, delete on reactor_jobs.request, reactor_jobs.org_grant to reactor_events;
grant select, update, delete on reactor_jobs.idempotency to reactor_events;
grant select on reactor_jobs.request, reactor_jobs.org_grant, reactor_jobs.idempotency to reactor_events_sweep;
grant execute on function reactor_jobs.grant_org(regrole, text, boolean) to reactor_events;
create policy sweep on reactor_jobs.request for select to reactor_events_sweep using (true);
create policy sweep on reactor_jobs.org_grant for select to reactor_events_sweep using (true);
create policy sweep on reactor_jobs.idempotency for select to reactor_events_sweep using (true);

-- Returns when there is a call, or after a while. Looked for from here, "not yet" wakes nobody: asked from outside it was half of what an idle suite used.
create function wait_for_calls(look_every interval, patience interval) returns void language plpgsql volatile as $$
declare
  until timestamptz := clock_timestamp() + patience;
begin
  while not exists (select from reactor_jobs.request) and clock_timestamp() < until loop
    perform pg_sleep_for(look_every);
  end loop;
end $$;

-- Runs that were to start and could not, and events that could not be taken, with the reason.
create table refusal (
  org_id       text        not null,
  id           uuid        not null,
  kind         text        not null constraint refusal_kind_is_known check (kind in ('run', 'event')),
  name         text        not null,
  payload      text        not null,
  trigger_kind text        not null,
  code         text        not null,
  reason       text        not null,
  requested_at timestamptz not null,
  refused_at   timestamptz not null,
  constraint refusal_kept_once primary key (org_id, id, kind)
);

alter table refusal enable row level security;
alter table refusal force row level security;
create policy named_orgs on refusal using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on refusal for select to reactor_events_sweep using (true);

create view _reactor_jobs.refused with (security_invoker = true) as
select events.id_text(case kind when 'run' then 'run_' else 'evt_' end, id) as id, kind, name, events.as_jsonb(payload) as payload, trigger_kind, code, reason,
       requested_at, refused_at
from events.refusal;

grant select (org_id, id, kind, name, payload, trigger_kind, code, reason, requested_at, refused_at) on refusal to reactor_reader;
grant select on _reactor_jobs.refused to reactor_reader;
