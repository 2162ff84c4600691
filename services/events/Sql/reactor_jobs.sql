-- What applications call inside their own transactions (calls.sql, which comes next) stands on this: a call is a row of the caller's transaction, and
-- what takes the rows up finds those that are committed, so nothing comes of a rollback. Run as the role that is to own all this, in any database:
-- nothing in either file names another schema or a role. Nothing notifies: NOTIFY makes commits wait for each other.
do $$ begin
  if to_regnamespace('reactor_jobs') is null then create schema reactor_jobs; end if;
end $$;

-- Calls that are committed and not taken up yet. Their positions keep the order of a session; a late commit has an earlier one than what is gone.
create table reactor_jobs.request (
  position        bigint      generated always as identity constraint request_in_order primary key,
  org_id          text        not null,
  kind            text        not null constraint request_kind_is_known check (kind in ('run', 'event')),
  id              text        not null,
  name            text        not null,
  payload         text        not null,
  role            text        not null,
  made_at         timestamptz not null,
  run_at          timestamptz,
  priority        smallint    not null default 0,
  timeout_ms      bigint,
  idempotency_key text
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0);

-- In whose name a database role calls.
create table reactor_jobs.org_grant (
  role       regrole     not null,
  org_id     text        not null constraint org_has_the_form_of_one check (org_id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  granted_at timestamptz not null,
  constraint org_granted_once primary key (role, org_id)
);

-- The same key within a day is the same run, and the same answer.
create table reactor_jobs.idempotency (
  org_id       text        not null,
  job          text        not null,
  key          text        not null,
  run_id       text        not null,
  payload_hash bytea       not null,
  made_at      timestamptz not null,
  constraint idempotency_one_run_per_key primary key (org_id, job, key)
);
create index idempotency_by_age on reactor_jobs.idempotency (org_id, made_at);
create index idempotency_by_run on reactor_jobs.idempotency (org_id, run_id);

do $$
declare t text;
begin
  foreach t in array array['request', 'org_grant', 'idempotency'] loop
    execute format('alter table reactor_jobs.%I enable row level security', t);
    execute format('alter table reactor_jobs.%I force row level security', t);
    execute format($p$create policy named_orgs on reactor_jobs.%I using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]))$p$, t);
    -- The functions below run as the owner, for whichever org the caller was granted.
    execute format('create policy functions on reactor_jobs.%I to current_user using (true) with check (true)', t);
  end loop;
end $$;

-- What follows is called by the functions that are granted, which pin the search path.

create function reactor_jobs.refuse(field text, reason text) returns void language plpgsql as $$
begin
  raise exception '"%" %', field, reason using errcode = 'invalid_parameter_value', column = field;
end $$;

-- Who calls is who is signed in, or whom they have taken the role of: not the owner of a function in between.
create function reactor_jobs.caller() returns name language sql stable return
  case current_setting('role') when 'none' then session_user else current_setting('role') end::name;

-- The orgs that a call may be for, each as often as it was granted. Whoever was dropped is nobody's member.
create function reactor_jobs.orgs_of(caller name) returns setof text language sql stable as $$
  select g.org_id from reactor_jobs.org_grant g
  where pg_has_role(caller, g.role, 'usage') and g.org_id = coalesce(nullif(current_setting('reactor_jobs.org', true), ''), g.org_id)
$$;

-- Why it is not one.
create function reactor_jobs.refuse_caller() returns void language plpgsql stable as $$
declare
  caller name := reactor_jobs.caller();
  wanted text := nullif(current_setting('reactor_jobs.org', true), '');
  orgs text[] := array(select distinct reactor_jobs.orgs_of(caller) order by 1);
begin
  if cardinality(orgs) = 0 then
    raise exception 'role "%" may not start jobs and emit events%', caller, case when wanted is null then '' else format(' of org "%s"', wanted) end using errcode = 'insufficient_privilege',
      hint = format('Let it: reactor sql grant %1$s; or, as owner of the database: select reactor_jobs.grant_org(%2$L, %3$L)', caller, quote_ident(caller), coalesce(wanted, 'the-org'));
  end if;
  raise exception 'role "%" acts for several orgs: %', caller, array_to_string(orgs, ', ') using errcode = 'invalid_parameter_value', column = 'reactor_jobs.org',
    hint = format('Say which: set local reactor_jobs.org = %L', orgs[1]);
end $$;

-- As the API takes it: a payload of 1 MiB, and 63 levels below the body that it would have stood in there.
create function reactor_jobs.check_payload(payload jsonb, body text) returns void language plpgsql immutable as $$
begin
  if octet_length(body) > 1048576 then
    perform reactor_jobs.refuse('payload', format('has %s bytes; at most 1048576 are allowed', octet_length(body)));
  end if;
  if payload @? 'strict $.**{63} ? (@.type() == "object" || @.type() == "array")' then
    perform reactor_jobs.refuse('payload', 'is nested deeper than 63');
  end if;
end $$;

create function reactor_jobs.duration_of(field text, given jsonb) returns interval language plpgsql immutable as $$
declare
  part text[] := regexp_match(given #>> '{}', '^([0-9]{1,15}(?:\.[0-9]{1,6})?)(ms|s|m|h|d|)$');
  ms numeric;
begin
  if jsonb_typeof(given) in ('number', 'string') then
    if part is not null then
      ms := part[1]::numeric * case part[2] when 's' then 1000 when 'm' then 60000 when 'h' then 3600000 when 'd' then 86400000 else 1 end;
    elsif given #>> '{}' ~ '^P(?=.)(\d{1,6}D)?(T(?=.)(\d{1,6}H)?(\d{1,6}M)?(\d{1,9}(\.\d{1,6})?S)?)?$' then
      ms := extract(epoch from (given #>> '{}')::interval) * 1000;
    end if;
  end if;
  if ms is null or ms > 36525 * 86400000::numeric then
    perform reactor_jobs.refuse(field, 'must be a duration such as 500ms, 30s, 5m, 24h, 7d, PT1H30M or a number of milliseconds, of at most 36525 days');
  end if;
  return ms * interval '1 millisecond';
end $$;

create function reactor_jobs.time_of(field text, given jsonb) returns timestamptz language plpgsql stable as $$
declare
  written text := given #>> '{}';
begin
  if jsonb_typeof(given) = 'string' and written ~* '^\d{4}-\d\d-\d\d(T| )\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?$' then
    begin
      return (written || case when written ~* '(Z|[+-]\d\d(:?\d\d)?)$' then '' else 'Z' end)::timestamptz;
    exception when data_exception then
    end;
  end if;
  perform reactor_jobs.refuse(field, 'must be a time as in RFC 3339, such as 2026-01-31T09:00:00Z');
end $$;

create function reactor_jobs.priority_of(field text, given jsonb) returns smallint language plpgsql immutable as $$
declare
  named smallint := case when jsonb_typeof(given) = 'string' then
    case given #>> '{}' when 'low' then -10 when 'normal' then 0 when 'medium' then 5 when 'high' then 10 when 'critical' then 15 end end;
begin
  if named is not null then
    return named;
  end if;
  if jsonb_typeof(given) = 'number' and given #>> '{}' ~ '^-?\d{1,3}$' and (given #>> '{}')::int between -100 and 100 then
    return given #>> '{}';
  end if;
  perform reactor_jobs.refuse(field, 'must be low, normal, medium, high, critical or a whole number from -100 to 100');
end $$;

-- What cannot be checked here, such as the longest timeout that the suite allows, is checked when the call is taken up.
create function reactor_jobs.run_options(
  options jsonb, made_at timestamptz, out run_at timestamptz, out priority smallint, out timeout_ms bigint, out idempotency_key text) language plpgsql stable as $$
declare
  delay interval;
  option record;
  field text;
  given text[] := '{}';
begin
  if jsonb_typeof(options) <> 'object' then
    perform reactor_jobs.refuse('options', 'must be a JSON object');
  end if;
  for option in select key, value from jsonb_each(options) loop
    -- As the API, in both spellings.
    field := lower(regexp_replace(option.key, '([A-Z])', '_\1', 'g'));
    if field = any(given) then
      perform reactor_jobs.refuse('options.' || option.key, 'is given twice');
    end if;
    given := given || field;
    if field not in ('run_at', 'delay', 'priority', 'idempotency_key', 'timeout_ms') then
      perform reactor_jobs.refuse('options.' || option.key, 'is not a known option (run_at, delay, priority, idempotency_key, timeout_ms)');
    end if;
    continue when option.value = 'null';
    case field
      when 'run_at' then run_at := reactor_jobs.time_of('options.run_at', option.value);
      when 'delay' then delay := reactor_jobs.duration_of('options.delay', option.value);
      when 'priority' then priority := reactor_jobs.priority_of('options.priority', option.value);
      when 'timeout_ms' then
        if jsonb_typeof(option.value) <> 'number' or option.value #>> '{}' !~ '^[1-9]\d{0,14}$' then
          perform reactor_jobs.refuse('options.timeout_ms', 'must be a whole number of milliseconds from 1');
        end if;
        timeout_ms := option.value #>> '{}';
      when 'idempotency_key' then
        idempotency_key := option.value #>> '{}';
        if jsonb_typeof(option.value) <> 'string' or length(idempotency_key) not between 1 and 256 then
          perform reactor_jobs.refuse('options.idempotency_key', 'must be a string of 1 to 256 characters');
        end if;
    end case;
  end loop;
  if delay is not null then
    if run_at is not null then
      perform reactor_jobs.refuse('options.delay', 'cannot stand beside run_at');
    end if;
    run_at := made_at + delay;
  end if;
end $$;
