-- What operators may look at with SQL: _reactor_jobs.events. It reads with the rights of who asks, so that row-level security binds them.

-- The text form of an id: 26 digits of 5 bits, of which the first has 3.
create function id_text(prefix text, id uuid) returns text language sql immutable parallel safe return
  prefix || (
    select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + substring(bits from 1 + 5 * digit for 5)::bit(5)::int, 1), '' order by digit)
    from (select B'00' || ('x' || replace(id::text, '-', ''))::bit(128) as bits) x, generate_series(0, 25) digit);

-- JSON may hold what jsonb cannot: \u0000, half a surrogate pair, a number beyond all bounds. Such a payload is shown as its text.
create function as_jsonb(json text) returns jsonb language plpgsql immutable parallel safe as $$
begin
  return json::jsonb;
exception when data_exception or program_limit_exceeded then
  return to_jsonb(json);
end $$;

create view _reactor_jobs.events with (security_invoker = true) as
select events.id_text('evt_', id) as id, topic, events.as_jsonb(payload) as payload, emitted_at, events.id_text('run_', source_run) as source_run_id,
       deliveries, deliveries > 0 as consumed
from events.event;

grant usage on schema events to reactor_reader;
grant select (org_id, id, topic, payload, emitted_at, source_run, deliveries) on event to reactor_reader;
grant select on _reactor_jobs.events to reactor_reader;
