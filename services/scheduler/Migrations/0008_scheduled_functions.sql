-- The function whose code declares a trigger.
alter table trigger add column declared_by text;
create index trigger_declared on trigger (org_id, declared_by) where declared_by is not null;

-- Few of all runs: the rest do not pay for it.
create index run_scheduled on run (org_id, run_at, id)
  where trigger_kind = 'schedule' and status in ('pending', 'running', 'sleeping', 'retrying');

-- What people may look at with SQL: _reactor_jobs.scheduled_functions. It reads with the rights of who asks, so that row-level security binds them.

-- The text form of an id: 26 digits of 5 bits, of which the first has 3.
create or replace function id_text(prefix text, id uuid) returns text language sql immutable parallel safe return
  prefix || (
    select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + substring(bits from 1 + 5 * digit for 5)::bit(5)::int, 1), '' order by digit)
    from (select B'00' || ('x' || replace(id::text, '-', ''))::bit(128) as bits) x, generate_series(0, 25) digit);

-- JSON may hold what jsonb cannot: \u0000, half a surrogate pair, a number beyond all bounds. Such a payload is shown as its text.
create or replace function as_jsonb(json text) returns jsonb language plpgsql immutable parallel safe as $$
begin
  return json::jsonb;
exception when data_exception or program_limit_exceeded then
  return to_jsonb(json);
end $$;

create view _reactor_jobs.scheduled_functions with (security_invoker = true) as
select scheduler.id_text('run_', id) as id, job as function_path, scheduler.as_jsonb(payload) as args, run_at as scheduled_time, status as state,
       case when started_at is null then 0 else attempt end as attempts, trigger_id as scheduled_by
from scheduler.run
where trigger_kind = 'schedule' and status in ('pending', 'running', 'sleeping', 'retrying');

grant usage on schema scheduler to reactor_reader;
grant select (org_id, id, job, payload, run_at, status, started_at, attempt, trigger_kind, trigger_id) on run to reactor_reader;
grant select on _reactor_jobs.scheduled_functions to reactor_reader;
